// SPDX-License-Identifier: GPL-3.0-or-later
// The statement: everything in the evidence stands in it, in bounds, and strictly readable.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "quietus/keystream.h"
#include "quietus/sampling.h"
#include "quietus/strict_json.h"

#include "certificate/sentences.h"
#include "certificate/subject.h"
#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

struct Sample {
  Plan plan;
  Evidence evidence;
  Issuance issuance;
  SigningKey machine = key_of("machine");

  explicit Sample(TargetKind kind)
      : plan(sample_plan(kind)),
        evidence(sample_evidence(kind)),
        issuance(sample_issuance({signer_of(KeyRole::machine, key_of("machine"))})) {}

  [[nodiscard]] std::string text() const {
    return make_statement(plan, plan.targets[0], evidence, issuance).body;
  }
  /// Checked by our own reader on the way: whatever goes in, the certificate can be read.
  [[nodiscard]] Json predicate() const {
    const std::string statement = text();
    CHECK_MESSAGE(check_strict_json(statement).ok(), check_strict_json(statement).error().what);
    const std::array<const SigningKey*, 1> keys{&machine};
    const std::string envelope = sign_statement(statement, keys);
    // Room for an approved plan, receipts and countersignatures.
    CHECK(envelope.size() < (std::size_t{4} << 20U) - kMaxPlanBytes - (std::size_t{128} << 10U));
    const CertificateCheck check = check_certificate(envelope, trust_in(machine));
    CHECK_MESSAGE(check.exit_code == 0, check.reason);
    return Json::parse(statement)["predicate"];
  }
};

BadExtent bad_extent(std::uint64_t offset) {
  return {{offset, 512}, ExtentState::write_failed, {1, 3}, 5};
}

TEST_CASE("statement: frame, subject and form") {
  const Sample sample(TargetKind::image);
  const std::string text = sample.text();
  CHECK(text.ends_with("\n}\n"));
  CHECK(text.starts_with("{\n  \"_type\": \"https://in-toto.io/Statement/v1\",\n"));
  const Json statement = Json::parse(text);
  CHECK(statement["predicateType"] == kPredicateType);
  CHECK(statement["subject"].size() == 1);
  CHECK(statement["subject"][0]["name"] == "disk image");
  // printf 'quietus-subject-salt-v1\0' | sha256sum | cut -c1-32
  CHECK(statement["predicate"]["asset"]["subject_salt"] == "558dbc1c5e1944c392217003f2cecf89");
  // printf 'quietus-subject-v2\nSALT\nimage\n/srv/disk.img\n2049\n131073\n1048576\n' | sha256sum
  CHECK(statement["subject"][0]["digest"]["sha256"] ==
        "62d3fdd7da7627cba1860c62dd613fe5545d6f23edf351fbd218e0de4c591d59");
}

TEST_CASE("statement: an image's members") {
  const Sample sample(TargetKind::image);
  const Json predicate = sample.predicate();
  CHECK(predicate["certificate_id"] == "urn:uuid:" + std::string(kSampleId));
  CHECK(predicate["issued_at"] == "2026-11-22T01:00:05Z");
  CHECK(predicate["outcome"] == "sanitized");
  CHECK(predicate["target"] == "image");
  CHECK(predicate["asset"]["kind"] == "virtual");
  CHECK(predicate["asset"]["path"] == "/srv/disk.img");
  CHECK(predicate["asset"]["capacity_bytes"] == 1 << 20);
  CHECK(predicate["asset"]["serial_absent"] == true);
  CHECK(predicate["asset"]["file_system"]["type"] == "ext4");
  CHECK(predicate["method"]["category"] == "clear");
  CHECK(predicate["method"]["technique"] == "overwrite");
  CHECK(predicate["method"]["scheme"]["id"] == "moj-3r");
  CHECK(predicate["method"]["plan_sha256"] == plan_digest(sample.plan));
  CHECK(predicate["run"]["passes_planned"] == 3);
  CHECK(predicate["run"]["passes"].size() == 3);
  CHECK(predicate["run"]["passes"][0]["content"]["key_withheld"] == true);
  CHECK_FALSE(predicate["run"]["passes"][0].contains("verification"));
  CHECK(predicate["run"]["passes"][2]["verification"]["compared_bytes"] == 1 << 20);
  CHECK(predicate["run"]["passes"][2]["verification"]["disk_bytes_read"] == 1 << 20);
  CHECK(predicate["run"]["account"]["login_uid"] == 1000);
  CHECK(predicate["run"]["host"]["machine_id_sha256"].get<std::string>().size() == 64);
  CHECK(predicate["verification"]["mode"] == "full");
  CHECK(predicate["verification"]["cache_bypass"] == "direct_io");
  CHECK(predicate["image"]["content_bytes"] == 1 << 20);
  CHECK(predicate["final_content"] == predicate["run"]["passes"][2]["content"]);
  CHECK(predicate["people"][0]["role"] == "machine");
  CHECK(predicate["ledger"]["run_event_index"] == 4);
  CHECK(predicate["key_custody"]["host_binding"] == "machine_id");
  CHECK(predicate["limits"] == kLimitsSentence);
  CHECK_FALSE(predicate.contains("files"));
}

TEST_CASE("statement: a file set's members") {
  Sample sample(TargetKind::files);
  sample.plan.targets[0].roots.push_back(sample_root("/srv/b"));
  sample.plan.targets[0].roots.push_back(sample_root("/srv/c"));
  sample.plan.targets[0].roots[2].file_system.type = "xfs";
  sample.evidence.outcome = Outcome::sanitized_with_exceptions;
  sample.evidence.facts = {{"hard_links", "has other names", true}};
  sample.evidence.exceptions_not_listed = 7;
  sample.evidence.exceptions = {{3, "/srv/b/x", Outcome::failed, {bad_extent(0)}, {}}};
  sample.evidence.exceptions[0].facts = sample.evidence.facts;
  const Json predicate = sample.predicate();
  CHECK(predicate["target"] == "files");
  CHECK(predicate["asset"]["kind"] == "file_set");
  CHECK(predicate["asset"]["roots_count"] == 3);
  CHECK(predicate["asset"]["roots"][2]["path"] == "/srv/c");
  CHECK(predicate["asset"]["roots"][1]["file_system"] == 0);
  CHECK(predicate["asset"]["roots"][2]["file_system"] == 1);
  CHECK(predicate["asset"]["file_systems"].size() == 2);
  CHECK(predicate["method"]["category"] == "none");
  CHECK(predicate["method"]["technique"] == "file_overwrite");
  CHECK(predicate["exceptions"][0]["item"] == 3);
  CHECK(predicate["exceptions"][0]["path"] == "/srv/b/x");
  CHECK(predicate["exceptions"][0]["outcome"] == "failed");
  CHECK(predicate["exceptions"][0]["extents"][0]["os_code"] == 5);
  CHECK(predicate["exceptions"][0]["facts"][0]["exception"] == true);
  CHECK(predicate["exceptions_not_listed"]["count"] == 7);
  CHECK(predicate["facts"][0]["code"] == "hard_links");
  CHECK(predicate["files"]["by_outcome"]["sanitized"] == 2);
  CHECK(predicate["files"]["names_removed"] == 2);
  CHECK(predicate["files"]["manifest_root"]["alg"] == "rfc6962_sha256");
  CHECK(predicate["files"]["manifest_root"]["root"] == sample.evidence.manifest_root);
  CHECK_FALSE(predicate.contains("final_content"));
}

TEST_CASE("statement: an image's bad extents and what is not listed of them") {
  Sample sample(TargetKind::image);
  sample.evidence.outcome = Outcome::sanitized_with_exceptions;
  sample.evidence.extents = {bad_extent(4096)};
  sample.evidence.extents_not_listed = 2;
  sample.evidence.extent_bytes_not_listed = 1024;
  const Json predicate = sample.predicate();
  CHECK(predicate["exceptions"] ==
        Json::parse(R"([{"offset_bytes":4096,"length_bytes":512,"state":"write_failed",
                         "passes":[1,3],"os_code":5}])"));
  CHECK(predicate["exceptions_not_listed"] == Json::parse(R"({"count":2,"bytes":1024})"));
}

TEST_CASE("statement: a drive's members") {
  Sample sample(TargetKind::drive);
  sample.evidence.conditions = {
      {time_of("2026-11-22T01:00:02Z"), 1, SweepKind::verify, 4096, 100, -1500},
      {time_of("2026-11-22T01:00:03Z"), 2, SweepKind::write, 8192, 200, {}}};
  sample.evidence.resumed = {time_of("2026-11-22T01:00:02.5Z")};
  const Json predicate = sample.predicate();
  CHECK(predicate["target"] == "drive");
  CHECK(predicate["asset"] == Json::parse(R"({
      "kind":"drive","path":"/dev/sdx","node":"/dev/sdx",
      "stable_path":"/dev/disk/by-id/ata-Model_7_S3RIAL","device_kind":"disk","device":2160,
      "disk_sequence":17,"vendor":"ATA","model":"Model 7","serial":"S3RIAL",
      "serial_source":"sysfs","wwn":"naa.5000c500a1b2c3d4","firmware":"FW01",
      "capacity_bytes":1048576,"logical_block_bytes":512,"physical_block_bytes":4096,"bus":"ata",
      "storage":"rotational","zoned":"none","hidden_area":"none","content_before":[
        {"offset_bytes":1080,"usage":"filesystem","type":"ext4","label":"old",
         "uuid":"0192a1b2"}],"health_unknown":true,"source_host":"host",
      "subject_salt":"558dbc1c5e1944c392217003f2cecf89"})"));
  CHECK(predicate["method"]["technique"] == "overwrite");
  CHECK(predicate["method"]["category"] == "clear");
  CHECK(predicate["run"]["conditions"] == Json::parse(R"([
      {"at":"2026-11-22T01:00:02Z","pass":1,"kind":"verify","done_bytes":4096,
       "bytes_per_second":100,"temperature_millicelsius":-1500},
      {"at":"2026-11-22T01:00:03Z","pass":2,"kind":"write","done_bytes":8192,
       "bytes_per_second":200}])"));
  CHECK(predicate["run"]["resumed_at"] == Json::parse(R"(["2026-11-22T01:00:02.500000Z"])"));
  CHECK(predicate["drive"] == Json::parse(R"({"bytes":1048576,"content_bytes":1048576})"));
  CHECK(predicate["afterwards"] == Json::parse(R"({"partition_table":"reread","signatures":[]})"));
  CHECK(predicate["final_content"]["key_hex"] == to_hex(Bytes(32, std::byte{7})));
  CHECK_FALSE(predicate.contains("image"));
  CHECK_FALSE(predicate["verification"].contains("sampling"));
}

TEST_CASE("statement: a hidden area that was not checked leaves a drive without a category") {
  Sample sample(TargetKind::drive);
  sample.plan.targets[0].roots[0].device->hidden_area = HiddenArea::unknown;
  sample.evidence.outcome = Outcome::sanitized_with_exceptions;
  sample.evidence.facts = {{"hidden_area_not_checked", "was not checked", true}};
  const Json predicate = sample.predicate();
  CHECK(predicate["outcome"] == "sanitized_with_exceptions");
  CHECK(predicate["asset"]["hidden_area"] == "unknown");
  CHECK(predicate["method"]["category"] == "none");
  CHECK(predicate["method"]["category_basis"].get<std::string>().find("hidden areas") !=
        std::string::npos);
  CHECK(predicate["facts"][0]["code"] == "hidden_area_not_checked");
  CHECK(predicate["exceptions"].empty());
  CHECK(predicate["final_content"]["kind"] == "keystream");
}

TEST_CASE("statement: a partition is a part of a drive, however well it was overwritten") {
  Sample sample(TargetKind::drive);
  DeviceFacts& device = *sample.plan.targets[0].roots[0].device;
  device.kind = DeviceKind::partition;
  device.place.offset = 4096;
  const Json predicate = sample.predicate();
  CHECK(predicate["outcome"] == "sanitized");
  CHECK(predicate["asset"]["device_kind"] == "partition");
  CHECK(predicate["asset"]["disk"] == "sdx");
  CHECK(predicate["asset"]["offset_bytes"] == 4096);
  CHECK(predicate["method"]["category"] == "none");
  CHECK(predicate["method"]["category_basis"].get<std::string>().find("partition") !=
        std::string::npos);
}

TEST_CASE("statement: what a drive does not tell, and what could not be looked for") {
  Sample sample(TargetKind::drive);
  DeviceFacts& device = *sample.plan.targets[0].roots[0].device;
  device.kind = DeviceKind::loop;
  device.serial.clear();
  device.serial_source.clear();
  device.wwn.clear();
  device.vendor = "\xff";
  device.backing_file = "/srv/disk.img";
  device.content.reset();
  sample.evidence.afterwards = {"busy", {}};
  const Json predicate = sample.predicate();
  const Json& asset = predicate["asset"];
  CHECK(asset["serial_absent"] == true);
  CHECK(asset["vendor_base64"] == "/w==");
  CHECK(asset["backing_file"] == "/srv/disk.img");
  CHECK(asset["backing_is_buffered"] == false);
  for (const char* const key : {"serial", "serial_source", "wwn", "content_before", "disk"}) {
    CAPTURE(key);
    CHECK_FALSE(asset.contains(key));
  }
  CHECK(predicate["afterwards"] ==
        Json::parse(R"({"partition_table":"busy","signatures_unknown":true})"));
}

/// The sample's cells, from nothing but what the certificate says: quietus-certificate(5).
std::vector<Extent> cells_of(const Json& sampling) {
  const Bytes seed = bytes_from(sampling["seed_hex"].get<std::string>());
  Draw draw(std::span<const std::byte, 32>(seed.data(), 32));
  const auto cells = sampling["cells_per_stratum"].get<std::uint64_t>();
  const auto bytes = sampling["cell_bytes"].get<std::uint64_t>();
  std::vector<Extent> drawn;
  for (std::uint64_t i = 0; i < sampling["strata"].get<std::uint64_t>(); ++i) {
    const std::uint64_t first = draw.below(cells);
    std::uint64_t second = draw.below(cells - 1);
    if (second >= first) ++second;
    drawn.push_back({(i * cells + std::min(first, second)) * bytes, bytes});
    drawn.push_back({(i * cells + std::max(first, second)) * bytes, bytes});
  }
  return drawn;
}

TEST_CASE("statement: from a certificate anybody draws the same sample") {
  constexpr std::uint64_t kSize = std::uint64_t{64} << 20U;
  const Bytes seed(32, std::byte{9});
  const SamplePlan plan = draw_sample(std::vector<Extent>{{0, kSize}}, 50'000, 512,
                                      std::span<const std::byte, 32>(seed.data(), 32));
  REQUIRE(plan.strata > 0);
  Sample sample(TargetKind::drive);
  sample.evidence.verify = VerifyMode::sample;
  sample.evidence.sampling = {seed,
                              plan.strata,
                              plan.samples,
                              plan.sample_bytes,
                              plan.population_bytes,
                              plan.detectable_ppm,
                              plan.cells_per_stratum,
                              plan.cell_bytes};
  const Json verification = sample.predicate()["verification"];
  CHECK(verification["mode"] == "sample");
  const Json& sampling = verification["sampling"];
  CHECK(sampling["population_bytes"] == kSize);
  CHECK(sampling["detectable_ppm"] == plan.detectable_ppm);
  CHECK(sampling["detectable_with_percent"] == 99);
  std::vector<Extent> again = cells_of(sampling);
  again.push_back({0, 512});
  again.push_back({kSize - 512, 512});
  CHECK(sampling["samples"] == again.size());
  const std::uint64_t rest =
      plan.strata * plan.cells_per_stratum * plan.cell_bytes;  // what is in no stratum is read
  again.push_back({rest, kSize - rest});
  std::sort(again.begin(), again.end(),
            [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  CHECK(joined(again) == plan.ranges);
}

TEST_CASE("statement: fixed content, withheld keys and runs that did not end tell no more") {
  Sample sample(TargetKind::image);
  SUBCASE("fixed") {
    ContentFacts& content = sample.evidence.passes.back().content;
    content = {ContentFacts::Kind::fixed, bytes_from("924924"), 512, {}, {}};
    CHECK(sample.predicate()["final_content"] ==
          Json::parse(R"({"kind":"fixed","byte_hex":"924924","flip_first_bit_every_bytes":512})"));
  }
  SUBCASE("withheld") {
    sample.evidence.passes.back().content.key.reset();
    CHECK(sample.predicate()["final_content"] ==
          Json::parse(R"({"kind":"keystream","name":"aes_256_ctr","key_withheld":true})"));
  }
  SUBCASE("interrupted") {
    sample.evidence.outcome = Outcome::interrupted;
    const Json predicate = sample.predicate();
    CHECK_FALSE(predicate.contains("final_content"));
    CHECK(predicate["method"]["category"] == "none");
  }
  SUBCASE("a pass is missing") {
    sample.evidence.passes.pop_back();
    CHECK_FALSE(sample.predicate().contains("final_content"));
  }
  SUBCASE("never begun") {
    sample.evidence = Evidence{};
    sample.evidence.kind = TargetKind::image;
    const Json predicate = sample.predicate();
    CHECK(predicate["outcome"] == "failed");
    CHECK(predicate["run"]["passes"].empty());
    CHECK_FALSE(predicate.contains("final_content"));
  }
}

TEST_CASE("statement: nothing compared is said, whatever the mode was") {
  Evidence evidence = sample_evidence(TargetKind::image);
  const std::string direct(would_have_missed(evidence));
  evidence.cache_bypass = CacheBypass::none;
  const std::string cached(would_have_missed(evidence));
  evidence.passes.pop_back();
  const std::string nothing(would_have_missed(evidence));
  CHECK(direct.find("past the file system's cache") != std::string::npos);
  CHECK(cached.find("through the operating system's cache") != std::string::npos);
  CHECK(nothing.find("Nothing was read back") != std::string::npos);
}

TEST_CASE("statement: every keystream has its recipe") {
  for (const KeystreamBackend& backend : keystream_backends()) {
    CAPTURE(backend.name);
    CHECK(how_to_recompute(backend.name).find("openssl enc") != std::string_view::npos);
  }
  CHECK(how_to_recompute("rot13").empty());
}

TEST_CASE("statement: text that is not UTF-8 has a base64 form, hostile text stays text") {
  const std::string hostile = "a\"},\n\\\xe2\x80\xae{\x01";
  Sample sample(TargetKind::files);
  sample.plan.targets[0].roots[0].path = "/srv/\xff";
  sample.plan.rules.scheme.title = hostile;
  sample.issuance.machine.host_name = "\xc0\x80";
  sample.issuance.account.user = hostile;
  sample.issuance.signers[0].name = "\xed\xa0\x80";
  sample.issuance.ledger_origin = "quietus/\xfe/0";
  sample.evidence.facts = {{"changed", "\xff", true}};
  sample.evidence.exceptions = {{0, hostile, Outcome::failed, {}, {}},
                                {1, "\xff\n", Outcome::failed, {}, {}}};
  const Json predicate = sample.predicate();
  CHECK(predicate["asset"]["roots"][0]["path_base64"] == "L3Nydi//");
  CHECK_FALSE(predicate["asset"]["roots"][0].contains("path"));
  CHECK(predicate["method"]["scheme"]["title"] == hostile);
  CHECK(predicate["run"]["host"]["host_name_base64"] == "wIA=");
  CHECK(predicate["run"]["account"]["user"] == hostile);
  CHECK(predicate["people"][0]["person"]["name_base64"] == "7aCA");
  CHECK(predicate["ledger"]["origin_base64"] == "cXVpZXR1cy/+LzA=");
  CHECK(predicate["facts"][0]["text_base64"] == "/w==");
  CHECK(predicate["exceptions"][0]["path"] == hostile);
  CHECK(predicate["exceptions"][1]["path_base64"] == "/wo=");
}

TEST_CASE("statement: what is not known is said to be absent") {
  Sample sample(TargetKind::image);
  sample.issuance.machine = {};
  sample.issuance.account = {};
  sample.issuance.tool_sha256.clear();
  sample.issuance.host_bound = false;
  sample.issuance.ledger_origin.clear();
  sample.issuance.run_event_index.reset();
  const Json predicate = sample.predicate();
  CHECK(predicate["run"]["host"] == Json::parse(R"({"machine_id_absent":true})"));
  CHECK(predicate["run"]["account"] == Json::parse(R"({"uid":0})"));
  CHECK(predicate["run"]["tool"]["sha256_absent"] == true);
  CHECK(predicate["key_custody"]["host_binding"] == "none");
  CHECK(predicate["ledger"].empty());
  CHECK(sample.text().find("null") == std::string::npos);
}

TEST_CASE("statement: numbers that JSON readers do not agree on are strings") {
  Sample sample(TargetKind::image);
  Root& root = sample.plan.targets[0].roots[0];
  root.identity.inode = ~std::uint64_t{0};
  root.identity.device = (std::uint64_t{1} << 53U) - 1;
  root.size_bytes = std::uint64_t{1} << 53U;
  const Json predicate = sample.predicate();
  CHECK(predicate["asset"]["inode"] == "18446744073709551615");
  CHECK(predicate["asset"]["device"] == 9007199254740991);
  CHECK(predicate["asset"]["capacity_bytes"] == "9007199254740992");
}

TEST_CASE("statement: however much there is, the envelope can be read and the rest is counted") {
  const std::string long_path(4000, 'p');
  SUBCASE("exceptions of files with long names and many extents") {
    Sample sample(TargetKind::files);
    for (std::uint64_t item = 0; item < kMaxListedExceptions; ++item) {
      EntryException entry{item, long_path, Outcome::failed, {}, {}};
      for (std::uint64_t i = 0; i < 200; ++i) entry.extents.push_back(bad_extent(i * 1024));
      sample.evidence.exceptions.push_back(std::move(entry));
    }
    const Json predicate = sample.predicate();
    const std::size_t listed = predicate["exceptions"].size();
    CHECK(listed > 10);
    CHECK(predicate["exceptions_not_listed"]["count"] == kMaxListedExceptions - listed);
    const Json& first = predicate["exceptions"][0];
    const std::size_t extents = first["extents"].size();
    CHECK(extents > 10);
    CHECK(first["extents_not_listed"]["count"] == 200 - extents);
    CHECK(first["extents_not_listed"]["bytes"] == (200 - extents) * 512);
  }
  SUBCASE("ranges of an image, in many passes") {
    Sample sample(TargetKind::image);
    for (std::uint64_t i = 0; i < kMaxListedExceptions; ++i) {
      BadExtent bad = bad_extent(i * 1024);
      bad.passes.assign(100, 4'000'000'000);
      sample.evidence.extents.push_back(bad);
    }
    const Json predicate = sample.predicate();
    const std::size_t listed = predicate["exceptions"].size();
    CHECK(listed > 100);
    CHECK(listed < kMaxListedExceptions);
    CHECK(predicate["exceptions_not_listed"]["count"] == kMaxListedExceptions - listed);
    CHECK(predicate["exceptions_not_listed"]["bytes"] == (kMaxListedExceptions - listed) * 512);
  }
  SUBCASE("roots on as many file systems, and facts") {
    Sample sample(TargetKind::files);
    for (std::uint64_t i = 1; i < 2000; ++i) {
      Root root = sample_root(long_path);
      root.file_system.mount_point = long_path + std::to_string(i);
      sample.plan.targets[0].roots.push_back(root);
      sample.evidence.facts.push_back({"changed", long_path, true});
    }
    const Json predicate = sample.predicate();
    const Json& asset = predicate["asset"];
    CHECK(asset["roots_count"] == 2000);
    CHECK(asset["roots"].size() + asset["roots_not_listed"].get<std::size_t>() == 2000);
    CHECK(asset["roots"].size() > 100);
    CHECK(asset["file_systems"].size() > 5);
    CHECK_FALSE(asset["roots"].back().contains("file_system"));
    CHECK(predicate["facts"].size() + predicate["facts_not_listed"].get<std::size_t>() == 1999);
  }
}

TEST_CASE("statement: of too many passes the last ones are listed, the first ones summed up") {
  Sample sample(TargetKind::image);
  sample.evidence.passes.insert(sample.evidence.passes.begin(), 1997, sample_pass(true));
  sample.evidence.passes[0].mismatched_bytes = 5;
  sample.evidence.passes_planned = 2000;
  const Json run = sample.predicate()["run"];
  const std::size_t listed = run["passes"].size();
  CHECK(listed > 100);
  CHECK(run["passes"].back()["number"] == 2000);
  CHECK(run["passes"][0]["number"] == 2001 - listed);
  CHECK(run["passes_not_listed"]["count"] == 2000 - listed);
  CHECK(run["passes_not_listed"]["mismatched_bytes"] == 5);
}

TEST_CASE("subject: names and digests tell targets apart, and no name is a path") {
  const std::string salt(32, '0');
  const auto digest = [&](const Target& target) { return subject_digest(target, salt); };
  Target image = sample_plan(TargetKind::image).targets[0];
  CHECK(subject_name(image, "") == "disk image");
  CHECK(subject_name(image, "A-1") == "A-1");
  Target files = image;
  files.kind = TargetKind::files;
  CHECK(subject_name(files, "") == "file set");
  CHECK(digest(files) != digest(image));
  CHECK(subject_digest(files, std::string(32, '1')) != digest(files));
  // Line feeds in a name can't pass for a second root.
  Target two = files;
  two.roots = {sample_root("a"), sample_root("b")};
  Target other = files;
  other.roots = {sample_root("a\n2049\n131073\n1048576\nb")};
  CHECK(digest(two) != digest(other));
  other = files;
  other.roots[0].identity.inode += 1;
  CHECK(digest(files) != digest(other));
}

TEST_CASE("subject: a drive is known by what it says of itself alone") {
  const std::string salt(32, '0');
  const Target drive = sample_plan(TargetKind::drive).targets[0];
  CHECK(subject_name(drive, "") == "drive");
  // printf 'quietus-subject-v2\nSALT\ndrive\nATA\nModel 7\nS3RIAL\nnaa.5000c500a1b2c3d4\n1048576\n'
  // with 32 zeros as the salt | sha256sum
  CHECK(subject_digest(drive, salt) ==
        "a67f86c7e7aecb2e8cc51be8f591a403dc17d98dd1ff13a1b1023fef12f8c66a");
  Target another = drive;
  another.roots[0].path = "/dev/sdy";
  another.roots[0].identity = {1, 2, 3};
  CHECK(subject_digest(another, salt) == subject_digest(drive, salt));
  another.roots[0].device->serial = "OTHER";
  CHECK(subject_digest(another, salt) != subject_digest(drive, salt));
}

}  // namespace
}  // namespace quietus::test
