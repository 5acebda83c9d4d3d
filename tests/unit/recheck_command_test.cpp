// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus recheck` on a machine in memory: what matches, what differs and where, whose medium it
// is, and what is refused before anything of the medium is read.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "quietus/recheck.h"

#include "cli/recheck_medium.h"
#include "support/lying_medium.h"
#include "unit/app_world.h"
#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kImage = "/d/disk.img";
constexpr std::size_t kImageBytes = 20'000;  // not a multiple of the block

/// A machine on which an image was destroyed.
struct RecheckWorld : AppWorld {
  std::string certificate;
  std::string content;

  explicit RecheckWorld(const std::vector<std::string>& how = {}, std::size_t bytes = kImageBytes) {
    memory.add_file(kImage, std::string(bytes, 'o'));
    std::vector<std::string> arguments{"drives", "--yes", kImage};
    arguments.insert(arguments.end(), how.begin(), how.end());
    REQUIRE(run(arguments) == 0);
    REQUIRE(certificates().size() == 1);
    certificate = *certificates().begin();
    content = memory.content(kImage);
    memory.log.clear();
  }

  /// The event's line.
  Json recheck(int exit_code, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"recheck", "--json", certificate, kImage};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CHECK(run(arguments) == exit_code);
    Json line = out.empty() ? Json::object() : Json::parse(out);
    CHECK(line.value("event", "recheck") == "recheck");
    CHECK(line.value("exit", exit_code) == exit_code);
    CHECK(memory.count("open_write " + std::string(kImage)) == 0);
    return line;
  }

  [[nodiscard]] std::vector<std::string> statements() const {
    std::vector<std::string> found;
    for (const std::string& path : memory.nodes()) {
      if (path.ends_with(".recheck.json")) found.push_back(path);
    }
    return found;
  }

  /// Nothing was compared, nothing recorded.
  void check_refused(int exit_code, const std::string& code,
                     const std::vector<std::string>& more = {}) {
    const Json line = recheck(exit_code, more);
    CAPTURE(line.dump());
    CHECK(line["reasons"][0]["code"] == code);
    CHECK(err.find("[" + code + "]") != std::string::npos);
    CHECK(statements().empty());
  }

  void flip(std::size_t at) {
    std::string changed = memory.content(kImage);
    changed[at] = static_cast<char>(~changed[at]);
    memory.set_content(kImage, changed);
  }
  void fail_reads(const std::vector<Extent>& bad) {
    memory.wrap = [bad](const std::string& path, std::unique_ptr<Medium> medium) {
      if (path != kImage) return medium;
      std::unique_ptr<Medium> wrapped =
          std::make_unique<BadExtents>(std::move(medium), bad, BadExtents::Which{true, false});
      return wrapped;
    };
  }
};

std::vector<Extent> places_of(const Json& line, const std::string& state) {
  std::vector<Extent> places;
  for (const Json& place : line["places"]) {
    if (place["state"] == state) places.push_back({place["offset_bytes"], place["length_bytes"]});
  }
  return places;
}

/// A certificate made by hand, by the key of "machine", which the world trusts with --trust.
std::string certificate_with(const std::function<void(Json& predicate)>& change) {
  const SigningKey machine = key_of("machine");
  Json json =
      Json::parse(sample_statement(TargetKind::image, {signer_of(KeyRole::machine, machine)}));
  change(json["predicate"]);
  const std::array<const SigningKey*, 1> keys{&machine};
  return sign_statement(json.dump() + "\n", keys);
}

/// A medium of zeros and such a certificate for it.
struct MadeWorld : AppWorld {
  static constexpr std::size_t kBytes = 64 << 10;

  explicit MadeWorld(const std::function<void(Json& predicate)>& change) {
    memory.add_file("/d/machine.pem", to_pem(key_of("machine").public_key()));
    memory.add_file("/d/c.json", certificate_with([&](Json& predicate) {
                      predicate["final_content"] = {{"kind", "fixed"}, {"byte_hex", "00"}};
                      predicate["asset"]["capacity_bytes"] = kBytes;
                      change(predicate);
                    }));
  }
  void add_drive(const std::string& serial, const std::string& wwn,
                 const std::string& content = std::string(kBytes, '\0')) {
    DeviceFacts facts;
    facts.path = "/dev/sdx";
    facts.kind = DeviceKind::disk;
    facts.model = "Model 1";
    facts.serial = serial;
    facts.wwn = wwn;
    memory.add_device(facts, content);
  }
  Json recheck(int exit_code, const std::string& path = "/dev/sdx") {
    CHECK(run({"recheck", "--json", "--trust", "/d/machine.pem", "/d/c.json", path}) == exit_code);
    return out.empty() ? Json::object() : Json::parse(out);
  }
};

void is_drive(Json& predicate, const std::string& serial, const std::string& wwn) {
  predicate["target"] = "drive";
  predicate["asset"] = {{"kind", "drive"}, {"capacity_bytes", MadeWorld::kBytes}};
  if (!serial.empty()) predicate["asset"]["serial"] = serial;
  if (!wwn.empty()) predicate["asset"]["wwn"] = wwn;
}

std::string code_of(const Json& line) { return line["reasons"][0]["code"]; }

TEST_CASE("recheck: what was left by the last pass matches, and the medium stays as it is") {
  for (const std::vector<std::string>& how : {std::vector<std::string>{},
                                              {"--scheme", "zero"},
                                              {"--keystream", "chacha20"},
                                              {"--scheme", "dod-e"}}) {
    RecheckWorld world(how);
    const Json line = world.recheck(0);
    CHECK(line["result"] == "matches");
    CHECK(line["compared_bytes"] == kImageBytes);
    CHECK(line["mismatched_bytes"] == 0);
    CHECK(line["cache_bypass"] == "direct_io");
    CHECK(line["identity_compared"] == Json::array({"size"}));
    CHECK(line["recorded"] == true);
    CHECK(world.memory.content(kImage) == world.content);
    CHECK(world.certificates().size() == 1);
  }
}

TEST_CASE("recheck: the statement is signed, in the ledger, and never says sanitized") {
  RecheckWorld world;
  const Json line = world.recheck(0);
  REQUIRE(world.statements().size() == 1);
  const std::string path = world.statements().front();
  CHECK(line["statement"] == path);
  const auto digest = certificate_digest(world.memory.content(path));
  const auto of = certificate_digest(world.memory.content(world.certificate));
  REQUIRE(digest);
  REQUIRE(of);
  CHECK(world.run({"certificate", "show", "--json", path}) == 0);
  CHECK(world.out.find("sanitized") == std::string::npos);
  const Json statement = Json::parse(world.out);
  CHECK(statement["predicateType"] == kRecheckPredicateType);
  CHECK(statement["subject"][0]["digest"]["sha256"] == *of);
  CHECK(statement["predicate"]["coverage"]["mode"] == "full");
  CHECK(world.run({"certificate", "verify", path}) == 0);
  CHECK(world.out.find("outcome: matches") != std::string::npos);
  CHECK(world.run({"ledger", "verify"}) == 0);
  CHECK(world.run({"ledger", "show", "--json"}) == 0);
  CHECK(world.out.find("medium.rechecked") != std::string::npos);
  CHECK(world.out.find(*digest) != std::string::npos);
  CHECK(world.out.find(kImage) == std::string::npos);
}

TEST_CASE("recheck: one foreign byte is found, wherever it is, and located") {
  struct Row {
    std::size_t at;
    Extent block;
  };
  for (const Row& row : {Row{0, {0, 512}}, Row{10'007, {9728, 512}}, Row{19'999, {19'968, 32}}}) {
    CAPTURE(row.at);
    RecheckWorld world;
    world.flip(row.at);
    const Json line = world.recheck(4);
    CHECK(line["result"] == "differs");
    CHECK(places_of(line, "mismatch") == std::vector<Extent>{row.block});
    CHECK(line["mismatched_bytes"] == row.block.length);
    CHECK(line["compared_bytes"] == kImageBytes);
    CHECK(world.statements().size() == 1);
  }
}

TEST_CASE("recheck: a rewritten medium differs as a whole, two foreign places are two") {
  RecheckWorld world;
  world.memory.set_content(kImage, std::string(kImageBytes, '\0'));
  Json line = world.recheck(4);
  CHECK(places_of(line, "mismatch") == std::vector<Extent>{{0, kImageBytes}});
  world.memory.set_content(kImage, world.content);
  world.flip(600);
  world.flip(5000);
  world.flip(5130);
  line = world.recheck(4);
  CHECK(places_of(line, "mismatch") == std::vector<Extent>{{512, 512}, {4608, 1024}});
}

TEST_CASE("recheck: of very many places the first are listed and the rest counted") {
  RecheckWorld world({}, std::size_t{3} << 20U);
  std::string changed = world.content;
  for (std::size_t at = 0; at < changed.size(); at += 1024)
    changed[at] = static_cast<char>(~changed[at]);
  world.memory.set_content(kImage, changed);
  const Json line = world.recheck(4);
  CHECK(line["mismatched_bytes"] == 3072 * 512);
  CHECK(line["places"].size() == kMaxListedExceptions);
  CHECK(line["places"].back()["offset_bytes"] == 999 * 1024);
  CHECK(line["place_bytes_not_listed"] == (3072 - 1000) * 512);
}

TEST_CASE("recheck: what can't be read is listed; a difference counts more") {
  RecheckWorld world;
  world.fail_reads({{1024, 512}, {19'968, 10}});
  Json line = world.recheck(5);
  CHECK(line["result"] == "unreadable");
  CHECK(places_of(line, "read_failed") == std::vector<Extent>{{1024, 512}, {19'968, 32}});
  CHECK(line["unreadable_bytes"] == 544);
  CHECK(line["compared_bytes"] == kImageBytes - 544);
  world.flip(5);
  line = world.recheck(4);
  CHECK(places_of(line, "mismatch") == std::vector<Extent>{{0, 512}});
  CHECK(places_of(line, "read_failed").size() == 2);
  world.fail_reads({{0, kImageBytes}});
  CHECK(world.recheck(5)["compared_bytes"] == 0);
}

TEST_CASE("recheck: another length is another medium") {
  for (const std::size_t bytes : {kImageBytes - 1, kImageBytes + 1, std::size_t{0}}) {
    RecheckWorld world;
    world.memory.set_content(kImage, (world.content + "x").substr(0, bytes));
    world.check_refused(3, "size_differs");
  }
}

TEST_CASE("recheck: what there is nothing to compare with") {
  RecheckWorld withheld({"--withhold-final-key"});
  withheld.check_refused(3, "nothing_to_compare_with");
  CHECK(withheld.err.find("withheld") != std::string::npos);
  CHECK(withheld.memory.count("open " + std::string(kImage)) == 0);

  RecheckWorld files;
  files.memory.add_file("/d/file", "text");
  REQUIRE(files.run({"files", "--yes", "/d/file"}) == 0);
  for (const std::string& path : files.certificates()) {
    if (path != files.certificate) files.certificate = path;
  }
  files.check_refused(3, "nothing_to_compare_with");

  RecheckWorld twice;
  CHECK(twice.run({"recheck", twice.certificate, kImage}) == 0);
  CHECK(twice.run({"recheck", twice.statements().front(), kImage}) == 3);
  CHECK(twice.err.find("[nothing_to_compare_with]") != std::string::npos);
}

TEST_CASE("recheck: a certificate that does not hold is not compared with anything") {
  SUBCASE("tampered") {
    RecheckWorld world;
    world.memory.set_content(world.certificate, with(world.memory.content(world.certificate),
                                                     "\"payload\":\"ew", "\"payload\":\"fw"));
    world.check_refused(10, "certificate_untrusted");
    CHECK(world.memory.count("open " + std::string(kImage)) == 0);
    CHECK(world.memory.count("inspect_device") == 0);
  }
  SUBCASE("by nobody trusted") {
    RecheckWorld world;
    world.memory.add_file("/d/other.pem", to_pem(key_of("other").public_key()));
    world.check_refused(11, "certificate_untrusted", {"--trust", "/d/other.pem"});
    CHECK(world.err.find("--trust") != std::string::npos);
    CHECK(world.memory.count("open " + std::string(kImage)) == 0);
  }
  SUBCASE("malformed") {
    RecheckWorld world;
    world.memory.set_content(world.certificate, "{}\n");
    world.check_refused(15, "certificate_malformed");
    world.memory.set_content(world.certificate, std::string(9 << 20, ' '));
    world.check_refused(15, "certificate_malformed");
  }
  SUBCASE("not there") {
    RecheckWorld world;
    world.certificate = "/d/missing";
    world.recheck(2);
    CHECK(world.out.empty());
  }
}

TEST_CASE("recheck: a medium that is not there, a folder and a link are refused") {
  for (const std::string what : {"missing", "folder", "link"}) {
    CAPTURE(what);
    RecheckWorld world;
    world.memory.add_directory("/d/folder");
    world.memory.add_symlink("/d/link", kImage);
    CHECK(world.run({"recheck", world.certificate, "/d/" + what}) == 3);
    CHECK(world.statements().empty());
  }
}

TEST_CASE("recheck: a drive is known again by its serial number, its WWN and its size") {
  struct Row {
    std::string serial_then, wwn_then, serial_now, wwn_now, code;
    Json compared;
  };
  for (const Row& row : {Row{"S1", "naa.1", "S1", "naa.1", "", {"serial", "wwn", "size"}},
                         Row{"S1", "naa.1", "S2", "naa.1", "serial_differs", {}},
                         Row{"S1", "", "", "", "serial_differs", {}},
                         Row{"S1", "naa.1", "S1", "naa.2", "wwn_differs", {}},
                         Row{"S1", "naa.1", "S1", "", "", {"serial", "size"}},
                         Row{"", "naa.1", "S1", "naa.1", "", {"wwn", "size"}},
                         Row{"", "naa.1", "S1", "", "wwn_differs", {}},
                         Row{"", "", "S1", "naa.1", "", Json::array({"size"})}}) {
    CAPTURE(row.code);
    CAPTURE(row.serial_now);
    MadeWorld world([&](Json& predicate) { is_drive(predicate, row.serial_then, row.wwn_then); });
    world.add_drive(row.serial_now, row.wwn_now);
    if (row.code.empty()) {
      CHECK(world.recheck(0)["identity_compared"] == row.compared);
    } else {
      CHECK(code_of(world.recheck(3)) == row.code);
    }
    CHECK(world.memory.count("open_device_write") == 0);
  }
  MadeWorld longer([](Json& predicate) { is_drive(predicate, "S1", ""); });
  longer.add_drive("S1", "", std::string(MadeWorld::kBytes + 512, '\0'));
  CHECK(code_of(longer.recheck(3)) == "size_differs");
}

TEST_CASE("recheck: a drive that was copied into an image, and an image onto a drive") {
  MadeWorld drive([](Json& predicate) { is_drive(predicate, "S1", "naa.1"); });
  drive.memory.add_file("/d/copy.img", std::string(MadeWorld::kBytes, '\0'));
  const Json line = drive.recheck(0, "/d/copy.img");
  CHECK(line["identity_compared"] == Json::array({"size"}));
  CHECK(line["not_covered"].dump().find("neither serial number nor WWN") != std::string::npos);
  MadeWorld image([](Json&) {});
  image.add_drive("S1", "naa.1");
  CHECK(image.recheck(0)["identity_compared"] == Json::array({"size"}));
}

TEST_CASE("recheck: a device that another one replaced while it was opened is refused") {
  MadeWorld world([](Json& predicate) { is_drive(predicate, "S1", ""); });
  world.add_drive("S1", "");
  world.memory.before = [&](const std::string& line) {
    if (line.starts_with("open_device_read")) ++world.memory.node("/dev/sdx")->device->sequence;
  };
  CHECK(code_of(world.recheck(3)) == "changed");
}

TEST_CASE("recheck: the certificate's exceptions need not match, and are counted") {
  const auto with_exceptions = [](Json& predicate) {
    predicate["exceptions"] = {{{"offset_bytes", 512}, {"length_bytes", 1024}},
                               {{"offset_bytes", MadeWorld::kBytes - 512}, {"length_bytes", 512}}};
    predicate["exceptions_not_listed"] = {{"count", 2}, {"bytes", 1024}};
  };
  MadeWorld world(with_exceptions);
  std::string content(MadeWorld::kBytes, '\0');
  content[512] = content[1535] = content.back() = 'x';
  world.memory.add_file("/d/i", content);
  const Json line = world.recheck(0, "/d/i");
  CHECK(line["left_out_bytes"] == 1536);
  CHECK(line["compared_bytes"] == MadeWorld::kBytes - 1536);
  CHECK(line["not_covered"].dump().find("2 more exceptions") != std::string::npos);
  content[1536] = 'x';
  world.memory.set_content("/d/i", content);
  CHECK(places_of(world.recheck(4, "/d/i"), "mismatch") == std::vector<Extent>{{1536, 512}});
  MadeWorld nothing([](Json& predicate) {
    predicate["exceptions"] =
        Json::array({{{"offset_bytes", 0}, {"length_bytes", MadeWorld::kBytes}}});
  });
  nothing.memory.add_file("/d/i", content);
  CHECK(code_of(nothing.recheck(3, "/d/i")) == "nothing_to_compare_with");
}

TEST_CASE("recheck: a sample is drawn afresh, and the statement says what it is worth") {
  RecheckWorld world({}, std::size_t{8} << 20U);
  const Json first = world.recheck(0, {"--sample", "10"});
  const Json second = world.recheck(0, {"--sample", "10"});
  CHECK(first["mode"] == "sample");
  CHECK(first["seed_hex"] != second["seed_hex"]);
  CHECK(first["strata"] >= 1000);
  CHECK(first["detectable_ppm"] <= 2300);
  CHECK(first["compared_bytes"] >= (8 << 20) / 10);
  CHECK(first["compared_bytes"] < (8 << 20) / 4);
  CHECK(first["population_bytes"] == 8 << 20);
  CHECK(first["not_covered"].dump().find("ppm") != std::string::npos);
  world.memory.set_content(kImage, std::string(std::size_t{8} << 20U, '\0'));
  CHECK(world.recheck(4, {"--sample", "1"})["result"] == "differs");
  RecheckWorld last({}, std::size_t{8} << 20U);
  last.flip((std::size_t{8} << 20U) - 1);
  CHECK(last.recheck(4, {"--sample", "1"})["result"] == "differs");
  RecheckWorld small;
  CHECK(small.recheck(0, {"--sample", "10"})["mode"] == "full");
}

TEST_CASE("recheck: sentences for people") {
  RecheckWorld world;
  world.flip(0);
  CHECK(world.run({"recheck", world.certificate, kImage}) == 4);
  for (const char* line :
       {"differs: /d/disk.img: ", "identity: size compared and equal\n",
        "compared: 19.5 KiB of 19.5 KiB, all of it\n", "differs: 512 bytes at offset 0\n",
        "not covered: ", "statement: /var/lib/quietus/certificates/", "ledger: entry "}) {
    CAPTURE(line);
    CHECK(world.out.find(line) != std::string::npos);
  }
  CHECK(world.out.find(kLimitsSentence) != std::string::npos);
  CHECK(world.run({"recheck", "--quiet", world.certificate, kImage}) == 4);
  CHECK(world.out.empty());
  CHECK(world.err.find("/d/disk.img") != std::string::npos);
}

TEST_CASE("recheck: what was stopped early has not looked at all that was planned") {
  MadeWorld world([](Json&) {});
  world.memory.add_file("/d/i", std::string(MadeWorld::kBytes, '\0'));
  RecheckResult result;
  result.basis = *recheck_basis(
      check_certificate(world.memory.content("/d/c.json"), trust_in(key_of("machine"))));
  auto opened = cli::open_for_recheck(world.platform, "/d/i");
  REQUIRE(opened);
  StopFlag stop;
  stop.request();
  CHECK(cli::compare_content(*opened, {0, world.random, world.clock, stop}, result));
  CHECK(result.planned_bytes == MadeWorld::kBytes);
  CHECK(result.compared_bytes == 0);
  CHECK(result.verdict() != RecheckVerdict::matches);
}

TEST_CASE("recheck: whatever fails, no match is told that was not seen, and nothing is written") {
  for (const bool changed : {false, true}) {
    RecheckWorld made;
    if (changed) made.flip(700);
    const std::string content = made.memory.content(kImage);
    const std::uint64_t runs = fail_each_operation([&](std::uint64_t nth) {
      AppWorld world;
      world.copy_state(made);
      world.memory.add_file(kImage, content);
      world.platform.faults().fail_at = nth;
      const int exit_code = world.run({"recheck", "--json", made.certificate, kImage});
      CAPTURE(world.platform.faults().struck());
      CAPTURE(exit_code);
      const Json line = world.out.empty() ? Json::object() : Json::parse(world.out);
      CHECK(line.value("exit", exit_code) == exit_code);
      CHECK((exit_code != 0 || !changed));
      if (exit_code == 0) CHECK(line["compared_bytes"] == kImageBytes);
      if (exit_code == 8) CHECK(line["recorded"] == false);
      if (line.contains("result"))
        CHECK((line["result"] == "differs") == (changed && line["mismatched_bytes"] > 0));
      CHECK(world.memory.content(kImage) == content);
      return !world.platform.faults().struck().empty();
    });
    CHECK(runs > 50);
  }
}

}  // namespace
}  // namespace quietus::test
