#include "commands/csv_reader.hpp"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "base/code_points.hpp"
#include "commands/json_scan.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t buffer_step = 4096;  // bytes by which libcsv's buffer for one cell grows

// What libcsv tells of the piece that it was given. A piece ends with a comma or a line end, so at most one cell and one record end in it.
struct told {
  bool cell_ended = false;
  bool record_ended = false;
  std::string_view cell;  // valid until the next piece
};

extern "C" {
void dbcord_csv_cell_ended(void* text, std::size_t size, void* to) {
  auto& t = *static_cast<told*>(to);
  t.cell_ended = true;
  t.cell = {static_cast<const char*>(text), size};
}
void dbcord_csv_record_ended(int, void* to) { static_cast<told*>(to)->record_ended = true; }
// Spaces belong to the cell (RFC 4180); by itself libcsv drops them at its ends.
int dbcord_csv_no_space(unsigned char) { return 0; }
}

bool ends_line(std::string_view text, std::size_t at) {
  return text[at] == '\n' || (text[at] == '\r' && text.substr(at + 1, 1) != "\n");
}

base::error bad_quotes(std::string_view text, std::size_t line, std::size_t at, std::string_view what) {
  auto before = text.substr(0, at);
  auto line_begin = before.find_last_of("\r\n") == before.npos ? 0 : before.find_last_of("\r\n") + 1;
  return {base::errc::invalid_argument,
          fmt::format("not valid CSV at line {}, character {}: {}", line, base::count_code_points(before.substr(line_begin)) + 1, what)};
}

// Keeps the memory of the record before.
void begin_record(csv_record& record) {
  record.cells.clear();
  record.count = 0;
  record.anything = false;
}

}  // namespace

struct csv_reader::state {
  explicit state(std::string_view all) : text(all) {
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_space_func(&parser, dbcord_csv_no_space);
    csv_set_blk_size(&parser, buffer_step);
  }
  ~state() { csv_free(&parser); }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  // The next piece; the last one is what csv_fini makes of the end of the text. False: libcsv does not take it.
  bool feed() {
    now = {};
    auto begin = at;
    if (at == text.size()) {
      finished = true;
      return csv_fini(&parser, dbcord_csv_cell_ended, dbcord_csv_record_ended, &now) == 0;
    }
    auto end = std::min(text.find_first_of(",\r\n", at), text.size() - 1) + 1;
    at += csv_parse(&parser, text.data() + begin, end - begin, dbcord_csv_cell_ended, dbcord_csv_record_ended, &now);
    return at == end;
  }

  base::error complaint() {
    if (csv_error(&parser) != CSV_EPARSE) throw std::bad_alloc();
    if (finished) return bad_quotes(text, cell_line, cell_begin, "the quote that begins there is never closed");
    bool closed = text[cell_begin] == '"';
    return bad_quotes(text, line, at,
                      closed ? "behind the closing quote of a cell only a comma or the end of the line may stand; a quote inside quotes is written twice"
                             : "a quote inside a cell; put the whole cell into quotes, and write that quote twice");
  }

  void keep_cell(csv_record& record) {
    bool quoted = cell_begin < text.size() && text[cell_begin] == '"';
    record.anything = record.anything || quoted || !now.cell.empty();
    if (++record.count <= most_csv_columns) record.cells.push_back({std::string(now.cell), quoted});
  }

  // Behind a piece: what comes next begins a cell, perhaps a record.
  void go_on(bool new_cell, bool new_record) {
    if (at > 0 && !finished && ends_line(text, at - 1)) ++line;
    if (new_cell || new_record) {
      cell_begin = at;
      cell_line = line;
    }
    if (new_record) record_begin = at;
  }

  std::string_view text;
  csv_parser parser{};
  told now;
  std::size_t at = 0;            // libcsv has everything before
  std::size_t line = 1;          // of `at`
  std::size_t cell_begin = 0;
  std::size_t cell_line = 1;
  std::size_t record_begin = 0;
  bool finished = false;
};

csv_reader::csv_reader(std::string_view text) : state_(std::make_unique<state>(text)) {}
csv_reader::~csv_reader() = default;

base::result<bool> csv_reader::next(csv_record& record) {
  auto& s = *state_;
  begin_record(record);
  while (!s.finished) {
    if (record.count == 0 && s.cell_begin == s.at) record.line = s.line;
    bool taken = s.feed();
    if (!taken) return s.complaint();
    if (s.now.cell_ended) s.keep_cell(record);
    bool blank = !s.now.cell_ended && s.record_begin + 1 == s.at && (s.text[s.record_begin] == '\n' || s.text[s.record_begin] == '\r');
    if (s.now.record_ended) record.source = s.text.substr(s.record_begin, s.at - s.record_begin - (s.finished ? 0 : 1));
    s.go_on(s.now.cell_ended, s.now.record_ended || blank);
    if (s.now.record_ended && record.anything) return true;
    if (s.now.record_ended) begin_record(record);
  }
  return false;
}

std::size_t count_csv_lines(std::string_view source) {
  std::size_t lines = 1;
  for (auto at = source.find_first_of("\r\n"); at != source.npos; at = source.find_first_of("\r\n", at + 1)) lines += ends_line(source, at);
  return lines;
}

}  // namespace dbcord::commands
