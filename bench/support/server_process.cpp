#include "support/server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "actor/real_time.hpp"

namespace dbcord::bench {
namespace {

// Reads the child's standard output until the line that begins with "ready"; false at its end.
bool wait_for_ready(int fd) {
  std::string text;
  char c;
  while (read(fd, &c, 1) == 1) {
    text += c;
    if (c != '\n') continue;
    if (text.starts_with("ready")) return true;
    text.clear();
  }
  return false;
}

std::string read_all(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

server_process::server_process(std::filesystem::path dbcord, std::filesystem::path directory, std::string limits)
    : server_process(std::move(dbcord),
                     {"serve", "--local", directory.string(), "--listen", "127.0.0.1:0", "--limits", std::move(limits)},
                     directory.string() + ".log") {}

server_process::server_process(std::filesystem::path dbcord, std::vector<std::string> arguments, std::filesystem::path log)
    : log_(std::move(log)) {
  arguments.insert(arguments.begin(), "dbcord");
  std::vector<char*> words;
  for (auto& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  int out[2];
  if (pipe(out) != 0) throw std::runtime_error("cannot make a pipe");
  actor::real_clock clock;
  auto begun = clock.now();
  pid_ = fork();
  if (pid_ == 0) {
    int errors = open(log_.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    dup2(out[1], STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    close(out[0]);
    execv(dbcord.c_str(), words.data());
    _exit(127);
  }
  close(out[1]);
  bool ready = wait_for_ready(out[0]);
  close(out[0]);
  start_time_ = clock.now() - begun;
  if (!ready) {
    end(SIGKILL);
    throw std::runtime_error("dbcord did not get ready: " + read_all(log_));
  }
}

server_process::~server_process() { end(SIGKILL); }
void server_process::kill() { end(SIGKILL); }
void server_process::stop() { end(SIGTERM); }

void server_process::end(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  waitpid(std::exchange(pid_, -1), nullptr, 0);
}

std::size_t server_process::resident_bytes() const { return status_bytes("VmRSS:"); }
std::size_t server_process::most_resident_bytes() const { return status_bytes("VmHWM:"); }
void server_process::freeze(bool stopped) { ::kill(pid_, stopped ? SIGSTOP : SIGCONT); }

std::size_t server_process::status_bytes(const std::string& field) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoul(line.substr(field.size())) * 1024;
  }
  throw std::runtime_error("the server's memory cannot be read; has it ended?");
}

double server_process::cpu_seconds() const {
  auto text = read_all("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;  // utime and stime are the 14th and 15th of all
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::size_t server_process::log_lines(const std::string& text) const {
  std::size_t count = 0;
  std::ifstream log(log_);
  for (std::string line; std::getline(log, line);) count += line.find(text) != std::string::npos;
  return count;
}

scratch_directory::scratch_directory(const std::string& name)
    : path_(std::filesystem::temp_directory_path() / ("dbcord-" + name + "-" + std::to_string(getpid()))) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;  // a scratch directory that stays is litter, not an error
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace dbcord::bench
