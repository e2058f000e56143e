// Runs a fuzz target without libFuzzer: every file of its corpus, then seeded mutations of them. The same number of runs and
// the same seed do exactly the same.
//
// Usage: fuzz_replay TARGET CORPUS [--runs N] [--seed N]

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "dbcord/base/random.hpp"
#include "fuzz/fuzz_input.hpp"

namespace {

using dbcord::base::seeded_random;

struct settings {
  dbcord::fuzz::target_function target = nullptr;
  std::filesystem::path corpus;
  std::uint64_t runs = 20'000;
  std::uint64_t seed = 1;
};

bool read_number(const char* text, std::uint64_t& out) {
  auto end = text + std::strlen(text);
  return std::from_chars(text, end, out).ptr == end && end != text;
}

bool read_arguments(int argc, char** argv, settings& s) {
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--runs" || name == "--seed") {
      if (++i == argc || !read_number(argv[i], name == "--runs" ? s.runs : s.seed)) return false;
    } else if (!s.target) {
      auto known = dbcord::fuzz::targets().find(name);
      if (known == dbcord::fuzz::targets().end()) return false;
      s.target = known->second;
    } else if (s.corpus.empty()) {
      s.corpus = name;
    } else {
      return false;
    }
  }
  return !s.corpus.empty();
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> texts;
  for (auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return texts;
}

std::string_view piece_of(const std::string& text, seeded_random& random) {
  auto begin = random.below(text.size() + 1);
  return std::string_view(text).substr(begin, random.below(64));
}

void mutate(std::string& text, const std::vector<std::string>& corpus, seeded_random& random) {
  auto at = random.below(text.size() + 1);
  switch (random.below(6)) {
    case 0:
      text.insert(at, 1, static_cast<char>(random.next()));
      break;
    case 1:
      text.erase(at, 1 + random.below(16));
      break;
    case 2:
      text.insert(at, piece_of(corpus[random.below(corpus.size())], random));
      break;
    case 3:
      text.insert(at, std::string(piece_of(text, random)));
      break;
    case 4: {
      static constexpr std::string_view marks = "{}[]\",:\\0-9eE.u`|=\n ;&%/$";
      if (at < text.size()) text[at] = marks[random.below(marks.size())];
      break;
    }
    default:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
  }
}

// The input that is being run, for the person who has to repeat it. A crash under a sanitizer ends here too.
const std::string* current = nullptr;

extern "C" void show_input(int) {
  constexpr std::string_view head = "the input was written to fuzz_failure\n";
  std::FILE* out = std::fopen("fuzz_failure", "wb");
  if (!out || !current) return;
  std::fwrite(current->data(), 1, current->size(), out);
  std::fclose(out);
  std::fwrite(head.data(), 1, head.size(), stderr);
}

void run(const settings& s, const std::string& text) {
  current = &text;
  s.target(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

std::map<std::string_view, dbcord::fuzz::target_function>& dbcord::fuzz::targets() {
  static std::map<std::string_view, target_function> all;
  return all;
}

int main(int argc, char** argv) {
  settings s;
  if (!read_arguments(argc, argv, s)) {
    std::fprintf(stderr, "usage: %s TARGET CORPUS [--runs N] [--seed N]\ntargets:", argv[0]);
    for (const auto& [name, target] : dbcord::fuzz::targets()) std::fprintf(stderr, " %s", std::string(name).c_str());
    std::fputs("\n", stderr);
    return 2;
  }
  std::signal(SIGABRT, show_input);
  auto corpus = read_corpus(s.corpus);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no files\n", s.corpus.c_str());
    return 2;
  }
  std::printf("seed %llu\n", static_cast<unsigned long long>(s.seed));
  std::fflush(stdout);
  for (auto& text : corpus) run(s, text);
  seeded_random random(s.seed);
  for (std::uint64_t i = 0; i < s.runs; ++i) {
    auto text = corpus[random.below(corpus.size())];
    for (auto n = 1 + random.below(8); n > 0; --n) mutate(text, corpus, random);
    run(s, text);
  }
}
