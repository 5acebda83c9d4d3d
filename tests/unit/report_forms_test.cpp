// SPDX-License-Identifier: GPL-3.0-or-later
// Human forms of a certificate: page, text, label.
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <set>

#include "quietus/certificate.h"
#include "quietus/outcome.h"

#include "report/block_map.h"
#include "report/form_document.h"
#include "unit/report_forms_samples.h"

using namespace quietus;
using quietus::test::content_digest;
using quietus::test::Json;
using quietus::test::sample_source;
using quietus::test::sample_statement;

namespace {

std::string page_of(const Json& statement) {
  const auto page = html_page(sample_source(statement), content_digest);
  REQUIRE(page.ok());
  return *page;
}

std::string text_of_form(const Json& statement, unsigned width = 200) {
  const auto text = text_form(sample_source(statement), width);
  REQUIRE(text.ok());
  return *text;
}

std::string label_of(const Json& statement, bool trusted = true) {
  FormSource source = sample_source(statement);
  source.trusted = trusted;
  const auto label = label_page(source, content_digest);
  REQUIRE(label.ok());
  return *label;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("human forms: no two outcomes share title, word, sign or shape") {
  std::set<std::string_view> titles, words, signs, shapes, names;
  for (const OutcomeRow& row : outcome_table()) {
    const report::OutcomeForm& form = report::form_of_outcome(row.name);
    CHECK(form.name == row.name);
    titles.insert(form.title);
    words.insert(form.word);
    signs.insert(form.sign);
    shapes.insert(form.shape);
    names.insert(form.shape_name);
  }
  for (const auto* set : {&titles, &words, &signs, &shapes, &names}) {
    CHECK(set->size() == outcome_table().size());
  }
  CHECK(report::form_of_outcome("something else").name == "failed");
}

TEST_CASE("human forms: only sanitized has its title, word and shape") {
  for (const OutcomeRow& row : outcome_table()) {
    const std::string name(row.name);
    CAPTURE(name);
    const std::string page = page_of(sample_statement(name));
    const bool good = row.outcome == Outcome::sanitized;
    CHECK(has(page, "<h1>Certificate of sanitization</h1>") == good);
    CHECK(has(page, "<p class=\"word\">SANITIZED</p>") == good);
    CHECK(has(page, "circle with a tick") == good);
    const std::string text = text_of_form(sample_statement(name));
    CHECK(has(text, "\nCertificate of sanitization\n") == good);
    CHECK(has(text, "(v) SANITIZED") == good);
  }
}

TEST_CASE("human forms: everything that the record says is in the page") {
  const std::string page = page_of(sample_statement());
  for (const char* part : {"MOJ-0042",
                           "ACME",
                           "Disk 9000",
                           "S3RIAL-7",
                           "976.6 KiB (1000000 bytes)",
                           "reallocated",
                           "Ministry of Examples",
                           "Room 4",
                           "RET-1",
                           "C-77",
                           "backup tape 12",
                           "2026-12-31",
                           "witness_missing",
                           "nobody there",
                           "C. Green",
                           "moj-3r",
                           "bytes (hex) 55",
                           "aes_256_ctr",
                           "Old data in remapped blocks",
                           "hidden_area_unknown",
                           "A. Smith, Tech",
                           "B. Jones",
                           "W-9",
                           "good; trusted here as a.smith",
                           "quietus/bench-1/0123456789abcdef",
                           "asmith",
                           "2026-06-01T10:00:00Z (1 June 2026, 11:00:00 BST (UTC+01:00))",
                           "3540.042 seconds",
                           "Three passes are needed",
                           "openssl pkeyutl -verify",
                           "ssh-keygen -Y verify",
                           "signify-openbsd -V",
                           "cannot vouch for itself",
                           "31 °C",
                           "write failed"}) {
    CAPTURE(part);
    CHECK(has(page, part));
  }
  CHECK(has(page, kLimitsSentence));
  CHECK(count(page, ">OFFICIAL-SENSITIVE</p>") == 2);
  CHECK(page.find("class=\"marking\"") < page.find("<h1>"));
  CHECK(page.find("<h1>") < page.find("id=\"limits\""));
  CHECK(page.find("id=\"limits\"") < page.find("id=\"leave\""));
}

TEST_CASE("human forms: text says the same in short, within the width") {
  const std::string text = text_of_form(sample_statement(), 80);
  for (const char* part : {"OFFICIAL-SENSITIVE", "MOJ-0042", "S3RIAL-7", "backup tape 12",
                           "RELEASE", "B. Jones", "a.smith", "trusted"}) {
    CAPTURE(part);
    CHECK(has(text, part));
  }
  std::string_view rest = text;
  while (const auto line = take_line(rest)) {
    const bool one_word = line->find(' ', 2) == std::string_view::npos;
    CHECK((line->size() <= 84 || one_word || has(std::string(*line), "sha256") ||
           has(std::string(*line), ": ")));
  }
}

TEST_CASE("human forms: foreign text is harmless in page, text and label") {
  Json statement = sample_statement();
  const std::string evil = "<script>alert(1)</script>\u202eevil\x1b[31m</template>\"'&";
  statement["predicate"]["asset"]["tag"] = evil;
  statement["predicate"]["asset"]["serial"] = evil;
  statement["predicate"]["people"][1]["person"]["name"] = evil;
  statement["predicate"]["policies"][0]["id"] = evil;
  statement["predicate"]["policies"][0]["reasons"][0]["text"] = evil;
  statement["predicate"]["data"]["classification_before"] = evil;
  statement["predicate"]["outcome_meaning"] = evil;
  for (const std::string& page : {page_of(statement), label_of(statement)}) {
    CHECK(!has(page, "<script"));
    CHECK(!has(page, "\u202e"));
    CHECK(!has(page, "\x1b"));
    CHECK(has(page, "&lt;script&gt;"));
  }
  CHECK(count(page_of(statement), "</template>") == 1);
  const std::string text = text_of_form(statement);
  CHECK(!has(text, "\u202e"));
  CHECK(!has(text, "\x1b"));
}

TEST_CASE("human forms: what is withheld is shown as withheld") {
  Json statement = sample_statement();
  statement["predicate"]["people"][1].erase("person");
  statement["predicate"]["run"].erase("host");
  statement["predicate"]["redactable"] = {{"/predicate/people/1/person", std::string(64, '0')},
                                          {"/predicate/run/host", std::string(64, '0')},
                                          {"/predicate/location", std::string(64, '0')}};
  const std::string page = page_of(statement);
  CHECK(has(page, "people, 1, person"));
  CHECK(has(page, "<dt>Host</dt><dd>withheld</dd>"));
  CHECK(has(page, "<dd>Room 4</dd>"));
  CHECK(!has(page, ">location</th>"));
  CHECK(count(page, ">withheld<") >= 4);
}

TEST_CASE("human forms: a statement of almost nothing gives a page that claims nothing") {
  Json statement = sample_statement("failed");
  const Json id = statement["predicate"]["certificate_id"];
  statement["predicate"] = {{"certificate_id", id}};
  const std::string page = page_of(statement);
  CHECK(has(page, "NOT SANITIZED: FAILED"));
  CHECK(has(page, "Classification: not stated"));
  CHECK(has(page, "NOT RELEASABLE"));
  CHECK(has(label_of(statement), "NOT RELEASABLE"));
}

TEST_CASE("human forms: refused for what is no certificate of a destruction") {
  Json statement = sample_statement();
  statement["predicateType"] = "urn:uuid:b5b70b9a-5c22-4bd2-9ba9-ee818ba6af03";
  CHECK(html_page(sample_source(statement), content_digest).error().code == Errc::unsupported);
  FormSource source = sample_source(sample_statement());
  source.statement = "{\"a\":1,\"A\":2}";
  CHECK(html_page(source, content_digest).error().code == Errc::malformed);
}

TEST_CASE("label: RELEASE only where everything is certain") {
  CHECK(has(label_of(sample_statement()), ">RELEASE</h1>"));
  CHECK(has(label_of(sample_statement(), false), ">NOT RELEASABLE</h1>"));
  for (const OutcomeRow& row : outcome_table()) {
    const std::string label = label_of(sample_statement(std::string(row.name)));
    const bool done =
        row.outcome == Outcome::sanitized || row.outcome == Outcome::sanitized_with_exceptions;
    CAPTURE(row.name);
    CHECK(has(label, ">RELEASE</h1>") == done);
    CHECK(has(label, ">NOT RELEASABLE</h1>") != done);
  }
  const auto with = [](const char* name, const Json& value) {
    Json statement = sample_statement();
    statement["predicate"]["policies"][0][name] = value;
    return label_of(statement);
  };
  CHECK(has(with("permits", "internal_reuse"), ">INTERNAL ONLY</h1>"));
  for (const char* permits : {"nothing", "interim", "RELEASE", "released", ""}) {
    CHECK(has(with("permits", permits), ">NOT RELEASABLE</h1>"));
  }
  CHECK(has(with("permits", 3), ">NOT RELEASABLE</h1>"));
  CHECK(has(with("met", false), ">NOT RELEASABLE</h1>"));
  CHECK(has(with("met", "yes"), ">NOT RELEASABLE</h1>"));
}

TEST_CASE("label: the worst of several policies decides, and no policy allows nothing") {
  Json statement = sample_statement();
  statement["predicate"]["policies"].push_back(
      {{"id", "x"}, {"met", true}, {"permits", "interim"}});
  CHECK(has(label_of(statement), ">NOT RELEASABLE</h1>"));
  statement["predicate"]["policies"] = Json::array();
  CHECK(has(label_of(statement), ">NOT RELEASABLE</h1>"));
  statement["predicate"].erase("policies");
  CHECK(has(label_of(statement), ">NOT RELEASABLE</h1>"));
  for (const char* target : {"files", "free_space", "tape"}) {
    Json other = sample_statement();
    other["predicate"]["target"] = target;
    CHECK(has(label_of(other), ">NOT RELEASABLE</h1>"));
  }
}

TEST_CASE("human forms: without trust the page says so and allows nothing by itself") {
  FormSource source = sample_source(sample_statement());
  source.trusted = false;
  source.signers.clear();
  const auto page = html_page(source, content_digest);
  REQUIRE(page.ok());
  CHECK(has(*page, "<strong>NOT CHECKED</strong>"));
  CHECK(has(*page, "not checked against trusted keys here"));
  CHECK(!has(*page, "trusted here as"));
}

TEST_CASE("block map: each place as the record tells it, and no better") {
  const auto map_of = [](const Json& statement) {
    const auto json = report::FormJson::from(statement.dump());
    REQUIRE(json.ok());
    return report::block_map_of(*json);
  };
  const auto bytes = [](const report::BlockMap& map, report::BlockState state) {
    return map.bytes_by_state.at(static_cast<std::size_t>(state));
  };
  const report::BlockMap map = map_of(sample_statement());
  CHECK(map.cells.size() == 320);
  CHECK(bytes(map, report::BlockState::verified) == 1000000 - 512);
  CHECK(bytes(map, report::BlockState::write_failed) == 512);
  CHECK(map.cells.at(512000 / map.cell_bytes) == report::BlockState::write_failed);
  CHECK(map.cells.front() == report::BlockState::verified);

  Json cached = sample_statement();
  cached["predicate"]["verification"]["cache_bypass"] = "none";
  CHECK(map_of(cached).cells.front() == report::BlockState::written);
  Json short_compare = sample_statement();
  short_compare["predicate"]["run"]["passes"][1]["verification"]["compared_bytes"] = 5;
  CHECK(map_of(short_compare).cells.front() == report::BlockState::written);
  Json stopped = sample_statement("interrupted");
  stopped["predicate"]["run"]["passes"].erase(1);
  CHECK(map_of(stopped).cells.front() == report::BlockState::untold);
  Json cut = sample_statement();
  cut["predicate"]["exceptions_not_listed"]["count"] = 1;
  CHECK(map_of(cut).cells.front() == report::BlockState::untold);
  Json holes = sample_statement();
  holes["predicate"]["drive"]["content_bytes"] = 5;
  CHECK(map_of(holes).cells.front() == report::BlockState::untold);
  Json files = sample_statement();
  files["predicate"]["target"] = "files";
  CHECK(map_of(files).size_bytes == 0);
}

TEST_CASE("block map: sizes at the edges") {
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{319}, std::uint64_t{320},
                                   std::uint64_t{321}, (std::uint64_t{1} << 53) - 1}) {
    Json statement = sample_statement();
    statement["predicate"]["drive"]["bytes"] = size;
    statement["predicate"]["exceptions"] =
        Json::array({{{"offset_bytes", size - 1}, {"length_bytes", 100}, {"state", "mismatch"}},
                     {{"offset_bytes", size}, {"length_bytes", 1}, {"state", "mismatch"}}});
    const auto json = report::FormJson::from(statement.dump());
    REQUIRE(json.ok());
    const report::BlockMap map = report::block_map_of(*json);
    CHECK(map.cells.size() <= 320);
    CHECK(map.cells.back() == report::BlockState::mismatch);
    CHECK(map.bytes_by_state.at(static_cast<std::size_t>(report::BlockState::mismatch)) == 1);
  }
}

TEST_CASE("page: the envelope comes out as it went in, and only from our own pages") {
  const FormSource source = sample_source(sample_statement());
  const auto page = html_page(source, content_digest);
  REQUIRE(page.ok());
  CHECK(is_page(*page));
  CHECK(!is_page(source.envelope));
  const auto taken = envelope_in_page(*page);
  REQUIRE(taken.ok());
  CHECK(*taken == source.envelope);

  CHECK(!envelope_in_page("<html>" + *page).ok());
  CHECK(!envelope_in_page(*page + *page).ok());
  CHECK(!envelope_in_page(*page + "<TEMPLATE id=x>").ok());
  CHECK(!envelope_in_page("<!DOCTYPE html>\n<p>nothing</p>").ok());
  std::string open = *page;
  open.resize(open.find("</template>"));
  CHECK(!envelope_in_page(open).ok());
  std::string marked = *page;
  marked.insert(marked.find("</template>"), "<b>");
  CHECK(!envelope_in_page(marked).ok());
  std::string entity = *page;
  entity.insert(entity.find("</template>"), "&amp;");
  CHECK(!envelope_in_page(entity).ok());
  FormSource odd = source;
  odd.envelope = "{\"payload\":\"<\"}\n";
  CHECK(html_page(odd, content_digest).error().code == Errc::malformed);
}

TEST_CASE("page: receipts are put into the envelope once") {
  const std::string envelope = "{\"payload\":\"e30=\",\"signatures\":[]}\n";
  const auto with = with_receipts(envelope, {"a\n\xe2\x80\x94 b\n"});
  REQUIRE(with.ok());
  CHECK(*with ==
        "{\"payload\":\"e30=\",\"signatures\":[],\"receipts\":[\"a\\n\xe2\x80\x94 b\\n\"]}\n");
  CHECK(*with_receipts(*with, {"a\n\xe2\x80\x94 b\n"}) == *with);
  CHECK(*with_receipts(envelope, {}) == envelope);
  CHECK(!with_receipts("{\"a\":1,\"a\":2}", {}).ok());
}

TEST_CASE("QR: id and digest in base45, for alphanumeric codes of 80 characters at most") {
  const auto text = qr_text(test::kSampleId, std::string(64, '0'));
  REQUIRE(text.ok());
  CHECK(text->size() == 76);
  CHECK(text->starts_with("QT1:"));
  CHECK(text->find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:") ==
        std::string::npos);
  CHECK(text->ends_with("000"));
  CHECK(!qr_text("urn:uuid:1", std::string(64, '0')).ok());
  CHECK(!qr_text(test::kSampleId, "00").ok());
  // RFC 9285 section 4.3, example 1, "AB" -> "BB8": the id begins with these two bytes.
  const auto known = qr_text("urn:uuid:41420000-0000-0000-0000-000000000000", std::string(64, '0'));
  REQUIRE(known.ok());
  CHECK(known->substr(4, 3) == "BB8");
}

TEST_CASE("verifier page: its policy names its one script and its one style") {
  const std::string page = verifier_page(content_digest);
  const auto between = [&](std::string_view begin, std::string_view end) {
    const std::size_t from = page.find(begin) + begin.size();
    return page.substr(from, page.find(end, from) - from);
  };
  CHECK(has(page, "default-src 'none'; script-src 'sha256-" +
                      content_digest(between("<script>", "</script>")) + "'"));
  CHECK(has(page, "style-src 'sha256-" + content_digest(between("<style>", "</style>")) + "'"));
  CHECK(count(page, "<script") == 1);
  CHECK(count(page, "<style") == 1);
  CHECK(!has(page, "@SCRIPT"));
  CHECK(!has(page, "https://fonts"));
}

TEST_CASE("local time: zone, day and sign") {
  const Time time = *from_rfc3339("2026-01-01T00:30:05.5Z");
  CHECK(local_text(time, {}) == "1 January 2026, 00:30:05 UTC (UTC+00:00)");
  const auto at = [&](int minutes, const char* name) {
    return local_text(time, [&](Time) { return ZoneOffset{minutes, name}; });
  };
  CHECK(at(-210, "NST") == "31 December 2025, 21:00:05 NST (UTC-03:30)");
  CHECK(at(345, "+0545") == "1 January 2026, 06:15:05 +0545 (UTC+05:45)");
}

// For the tests in a browser: one page of each outcome, and labels, where a folder is named.
TEST_CASE("human forms: pages for the browser") {
  const char* folder = std::getenv("QUIETUS_FORMS_DIR");
  if (folder == nullptr) return;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(std::string(folder) + "/" + name) << text;
  };
  for (const OutcomeRow& row : outcome_table()) {
    write(std::string(row.name) + ".html", page_of(sample_statement(std::string(row.name))));
  }
  write("label-release.html", label_of(sample_statement()));
  write("label-stay.html", label_of(sample_statement("failed")));
  Json internal = sample_statement();
  internal["predicate"]["policies"][0]["permits"] = "internal_reuse";
  write("label-internal.html", label_of(internal));
  write("qr.txt", *qr_text(test::kSampleId, std::string(64, 'f')) + "\n");
}
