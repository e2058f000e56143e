// CSV into rows: what cells mean with a schema and without, which files and rows are refused, and that an export comes back.

#include "commands/csv_file.hpp"

#include <boost/test/unit_test.hpp>

#include "commands/export_file.hpp"
#include "commands/import_content_text.hpp"
#include "dbcord/base/random.hpp"
#include "protocol/json_node.hpp"

using namespace dbcord;
using namespace dbcord::commands;

namespace {

protocol::row_schema schema_of_text(std::string_view json) { return protocol::row_schema::parse(json).value(); }

std::string read_as(std::string_view file, std::string_view schema = "{}") { return test::text_of_content(cut_csv_file(file, "", schema_of_text(schema))); }

// The one cell of the field v.
std::string value(std::string_view cell, std::string_view rule = "\"any\"") {
  auto schema = R"({"properties":{"v":)" + std::string(rule) + "}}";
  return read_as("v,x\n" + std::string(cell) + ",1\n", schema);
}

std::string exported(const std::vector<std::string>& rows) { return export_file(rows, file_format::csv, std::size_t{1} << 30).value(); }

// The text of a JSON document with the members of every object in one order.
std::string sorted(const protocol::json_node& node) {
  auto copy = node;
  auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(copy.members.begin(), copy.members.end(), by_name);
  std::string text;
  protocol::append_json(text, copy);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(csv_files)

BOOST_AUTO_TEST_CASE(without_a_schema_quotes_make_a_text_of_what_looks_like_a_value) {
  BOOST_TEST(read_as("id,n,t,b,z,l\nu_1,1.50,007,true,null,\"[1, \"\"q\"\"]\"\n") == "2:{\"id\":\"u_1\",\"n\":1.50,\"t\":\"007\",\"b\":true,\"z\":null,\"l\":[1, \"q\"]};");
  BOOST_TEST(read_as("id,n,t,b,z,l\n\"u_1\",\"1.50\",\"007\",\"true\",\"null\",\"{}\"\n") ==
             "2:{\"id\":\"u_1\",\"n\":\"1.50\",\"t\":\"007\",\"b\":\"true\",\"z\":\"null\",\"l\":{}};");
  BOOST_TEST(read_as("a,b,c\n12345678901234567890.10,-0,1e400\n") == "2:{\"a\":12345678901234567890.10,\"b\":-0,\"c\":1e400};");
  BOOST_TEST(read_as("a,b,c,d\nNaN,TRUE,+1,.5\n") == "2:{\"a\":\"NaN\",\"b\":\"TRUE\",\"c\":\"+1\",\"d\":\".5\"};");
  BOOST_TEST(read_as("a,b\n 30 , x \n") == "2:{\"a\":30,\"b\":\" x \"};");
}

BOOST_AUTO_TEST_CASE(nothing_is_no_field_and_two_quotes_are_an_empty_text) {
  BOOST_TEST(read_as("id,a,b\n1,,\"\"\n2\n3,x\n") == "2:{\"id\":1,\"b\":\"\"};3:{\"id\":2};4:{\"id\":3,\"a\":\"x\"};");
}

BOOST_AUTO_TEST_CASE(the_schema_says_what_a_cell_is) {
  BOOST_TEST(value("123", "\"str\"") == "2:{\"v\":\"123\",\"x\":1};");
  BOOST_TEST(value("true", "\"str\"") == "2:{\"v\":\"true\",\"x\":1};");
  BOOST_TEST(value("null", "\"str\"") == "2:{\"v\":\"null\",\"x\":1};");
  BOOST_TEST(value("null", R"({"type":"str","nullable":true})") == "2:{\"v\":null,\"x\":1};");
  BOOST_TEST(value("\"null\"", R"({"type":"str","nullable":true})") == "2:{\"v\":\"null\",\"x\":1};");
  BOOST_TEST(value("\"{\"\"a\"\":1}\"", "\"str\"") == "2:{\"v\":\"{\\\"a\\\":1}\",\"x\":1};");
  BOOST_TEST(value("\"\"\"Heroes\"\"\"", "\"str\"") == "2:{\"v\":\"\\\"Heroes\\\"\",\"x\":1};");
  BOOST_TEST(value("\"12.0\"", "\"int\"") == "2:{\"v\":12.0,\"x\":1};");
  BOOST_TEST(value(" 7 ", "\"float\"") == "2:{\"v\":7,\"x\":1};");
  BOOST_TEST(value("TRUE", "\"bool\"") == "2:{\"v\":true,\"x\":1};");
  BOOST_TEST(value("[]", "\"list\"") == "2:{\"v\":[],\"x\":1};");
  BOOST_TEST(value("\"{\"\"a\"\":[1]}\"", "\"dict\"") == "2:{\"v\":{\"a\":[1]},\"x\":1};");
  BOOST_TEST(read_as("address.city,id\n12,1\n", R"({"properties":{"address.city":"str"}})") == "2:{\"address\":{\"city\":\"12\"},\"id\":1};");
}

BOOST_AUTO_TEST_CASE(what_does_not_read_as_the_schemas_type_is_refused_with_line_field_and_reason) {
  BOOST_TEST(value("abc", "\"int\"") == " !2:the field v must be of type int, not \"abc\"");
  BOOST_TEST(value("\"\"", "\"int\"") == " !2:the field v must be of type int, not \"\"");
  BOOST_TEST(value("1;2", "\"float\"") == " !2:the field v must be of type float, not \"1;2\"");
  BOOST_TEST(value("05", "\"int\"") == " !2:the field v must be of type int, not \"05\"");
  BOOST_TEST(value("yes", "\"bool\"") == " !2:the field v must be of type bool, not \"yes\"");
  BOOST_TEST(value("{}", "\"list\"") == " !2:the field v must be of type list, not \"{}\"");
  BOOST_TEST(value("1", "\"dict\"") == " !2:the field v must be of type dict, not \"1\"");
  BOOST_TEST(read_as("id,n\na,1\nb,x\n\"c\nc\",3\nd,y\n", R"({"properties":{"n":"int"}})") ==
             "2:{\"id\":\"a\",\"n\":1};4:{\"id\":\"c\\nc\",\"n\":3}; !3:the field n must be of type int, not \"x\" !6:the field n must be of type int, not \"y\"");
}

BOOST_AUTO_TEST_CASE(a_head_with_dots_is_a_path) {
  BOOST_TEST(read_as("id,a.x,b,a.y.z,a.y.w\n1,2,3,4,5\n1,,3,,5\n1,,3,,\n") ==
             "2:{\"id\":1,\"a\":{\"x\":2,\"y\":{\"z\":4,\"w\":5}},\"b\":3};3:{\"id\":1,\"a\":{\"y\":{\"w\":5}},\"b\":3};4:{\"id\":1,\"b\":3};");
  BOOST_TEST(read_as("\"\"\"a.x\"\"\",\" b \",\"12\"\n1,2,3\n") == "2:{\"a.x\":1,\" b \":2,\"12\":3};");
}

BOOST_AUTO_TEST_CASE(a_row_with_more_cells_than_the_header_is_refused_and_the_rest_goes_on) {
  BOOST_TEST(read_as("a,b\n1,2,3\n1,2\n1,2,\n") == "3:{\"a\":1,\"b\":2}; !2:it has 3 cells, but the header names 2 fields !4:it has 3 cells, but the header names 2 fields");
}

BOOST_AUTO_TEST_CASE(a_header_that_cannot_be_meant_refuses_the_file) {
  BOOST_TEST(read_as("") == "file: it is empty; the first line of CSV names the fields, like id,name,city.");
  BOOST_TEST(read_as("\xEF\xBB\xBF\r\n,,\n") == "file: it is empty; the first line of CSV names the fields, like id,name,city.");
  BOOST_TEST(read_as("id,,c\n1,2,3\n") == "file: the header has no name in column 2.");
  BOOST_TEST(read_as("id,\"\"\n1,2\n") == "file: the header has no name in column 2.");
  BOOST_TEST(read_as("id,n,id\n1,2,3\n") == "file: the header has the field `id` twice.");
  BOOST_TEST(read_as("a.b,id,a.b\n") == "file: the header has the field `a.b` twice.");
  BOOST_TEST(read_as("a,b,a.c\n") == "file: the header has `a` and `a.c`: a field cannot be a value and an object.");
  BOOST_TEST(read_as("a.b.c,x,a.b\n") == "file: the header has `a.b` and `a.b.c`: a field cannot be a value and an object.");
  for (auto head : {"a..b", ".a", "a.", "."})
    BOOST_TEST(read_as(std::string("id,") + head + "\n") == "file: the header is not usable: `" + std::string(head) + "` has an empty name between its dots.");
  BOOST_TEST(read_as("id, name\n") == "file: the header is not usable: ` name` has a space at an end; take it away, or put the name into quotes.");
  BOOST_TEST(read_as("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\n").ends_with("has 17 parts; a path may have 16."));
  BOOST_TEST(read_as("id;name\n1;2\n") == "file: the header has no comma but `;`; save the file with commas between the cells.");
  BOOST_TEST(read_as("id\tname\n") == "file: the header has no comma but tabs; save the file with commas between the cells.");
  BOOST_TEST(read_as("\"a;b\"\n1\n") == "2:{\"a;b\":1};");
  std::string wide = "c0";
  for (int i = 1; i <= 16'384; ++i) wide += ",c" + std::to_string(i);
  BOOST_TEST(read_as(wide) == "file: the header names 16385 fields; 16384 can be imported.");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_csv_in_utf8_refuse_the_file) {
  BOOST_TEST(read_as("a,b\nx,\"y\nz") == "file: not valid CSV at line 2, character 3: the quote that begins there is never closed; nothing was imported.");
  BOOST_TEST(read_as("a,b\n1,Z\xFCrich\n") == "file: it is not UTF-8 at line 2 (the byte 0xFC); save it as UTF-8.");
  BOOST_TEST(read_as(std::string_view("\xFF\xFE" "a\0", 4)) == "file: it is UTF-16; save it as UTF-8.");
  BOOST_TEST(read_as("\xEF\xBB\xBFid\n1\n") == "2:{\"id\":1};");
}

// One long name above many short rows would fill the memory.
BOOST_AUTO_TEST_CASE(rows_that_become_much_larger_as_json_refuse_the_file) {
  std::string file = std::string(1024 * 1024, 'n') + "\n";
  for (int i = 0; i < 200; ++i) file += "1\n";
  BOOST_TEST(read_as(file) == "file: as JSON its rows have more than 134,217,728 bytes; cut it into parts.");
}

BOOST_AUTO_TEST_CASE(records_are_cut_as_they_stand_for_who_sends_them_on) {
  auto csv = cut_csv_records("\xEF\xBB\xBFid,\"n\"\"\n\"\r\n\r\n1,\"x\ny\"\r\n,\r\n2,\n", "");
  BOOST_TEST_REQUIRE(csv.has_value());
  BOOST_TEST(csv->header == "id,\"n\"\"\n\"");
  BOOST_TEST_REQUIRE(csv->records.rows.size() == 2u);
  BOOST_TEST(csv->records.rows[0].json == "1,\"x\ny\"");
  BOOST_TEST(csv->records.rows[1].json == "2,");
  BOOST_TEST((csv->records.lines == std::vector<std::size_t>{4, 7}));
  BOOST_TEST(cut_csv_records("a,a\n1,2\n", "").error().message == "file: the header has the field `a` twice.");
}

BOOST_AUTO_TEST_CASE(a_file_without_the_primary_key_is_refused_before_any_row) {
  BOOST_TEST(cut_csv_file("nr,a.id\n1,2\n", "id", {}).error().message == "file: the header has no column `id`, the primary key.");
  BOOST_TEST(cut_csv_records("nr\n1\n", "id").error().message == "file: the header has no column `id`, the primary key.");
  BOOST_TEST(cut_csv_file("nr,id\n1,2\n", "id", {}).value().rows.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_export_is_imported_as_the_same_rows) {
  const std::vector<std::string> rows{
      R"({"id":"a","n":1.50,"big":123456789012345678901234567890,"t":"x, \"y\"\r\nz","b":true,"null":null,"list":[1,"q",[]],"dict":{"a":{"b.c":""}}})",
      R"({"id":"1","n":"1.50","big":"-0","t":"","b":"true","null":"null","list":"[1,\"q\"]","dict":"{}"})",
      R"({"id":"2","n":" 5","t":" padded ","b":"\"[1]\"","null":"\"x\"","list":[],"dict":{},"a.b":1,"":2,"\"q\"":3," s ":4,"=1+1":5,"t;\t":"a;b\tc"})",
      R"({"id":"3","n":1e5,"t":"NaN","b":"[","list":"\"\\\"[1]\\\"\"","12":-0.0})"};
  auto content = cut_csv_file(exported(rows), "", {});
  BOOST_TEST_REQUIRE(content.has_value());
  BOOST_TEST(content->refused.empty());
  BOOST_TEST_REQUIRE(content->rows.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    BOOST_TEST(sorted(protocol::parse_json(content->rows[i].json).value()) == sorted(protocol::parse_json(rows[i]).value()));
  }
}

BOOST_AUTO_TEST_CASE(random_rows_come_back_from_an_export_with_a_schema_of_texts_and_without) {
  base::seeded_random random(31);
  const std::vector<std::string> bits = {"\"", "\"\"", ",", "\n", "\r\n", "[", "]", "{", "}", "1", "0", ".", "-", "e", "null", "true", " ", "\t", ";", "\\", "\\\"", "a", "é", "\"[1]\"", ":"};
  auto text = [&] {
    std::string t;
    for (auto n = random.below(6); n > 0; --n) t += bits[random.below(bits.size())];
    return t;
  };
  auto value_text = [&]() -> std::string {
    std::string json;
    switch (random.below(5)) {
      case 0: return "-12.340";
      case 1: return "null";
      case 2: protocol::append_json_string(json, text()); return "[" + json + ",{}]";
      default: protocol::append_json_string(json, text()); return json;
    }
  };
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::string> rows;
    for (auto n = random.below(4) + 1; n > 0; --n) {
      std::string row = "{\"id\":7,\"s\":";
      protocol::append_json_string(row, text());
      for (auto fields = random.below(4); fields > 0; --fields) {
        row += ',';
        protocol::append_json_string(row, "f" + text());
        row += ":" + value_text();
      }
      rows.push_back(protocol::to_json(protocol::parse_json(row + "}").value()));
    }
    auto file = exported(rows);
    for (auto schema : {"{}", R"({"properties":{"s":"str"}})"}) {
      auto content = cut_csv_file(file, "", schema_of_text(schema));
      BOOST_TEST_CONTEXT(round << ": " << file) {
        BOOST_REQUIRE(content.has_value());
        BOOST_REQUIRE_EQUAL(content->rows.size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
          BOOST_REQUIRE_EQUAL(sorted(protocol::parse_json(content->rows[i].json).value()), sorted(protocol::parse_json(rows[i]).value()));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
