// SPDX-License-Identifier: GPL-3.0-or-later
// Rechecks: what is taken out of a certificate to compare with, and the statement about the result.
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "quietus/recheck.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

const char* const kSize = "/predicate/asset/capacity_bytes";
const char* const kContent = "/predicate/final_content";

CertificateCheck signed_check(const std::string& statement) {
  const SigningKey machine = key_of("machine");
  const std::array<const SigningKey*, 1> keys{&machine};
  return check_certificate(sign_statement(statement, keys), trust_in(machine));
}

/// An image's certificate in which the value at a place was replaced before it was signed.
CertificateCheck check_with(const char* place, const Json& value) {
  Json json = Json::parse(
      sample_statement(TargetKind::image, {signer_of(KeyRole::machine, key_of("machine"))}));
  json[Json::json_pointer(place)] = value;
  const CertificateCheck check = signed_check(json.dump() + "\n");
  REQUIRE(check.exit_code == 0);
  return check;
}

Errc why_not(const CertificateCheck& check) {
  const auto basis = recheck_basis(check);
  return basis ? Errc::internal : basis.error().code;
}

RecheckResult sample_result() {
  RecheckResult result;
  result.basis = *recheck_basis(
      check_certificate(sample_envelope(key_of("machine")), trust_in(key_of("machine"))));
  result.medium = {"/dev/sdx", true, "Model 1", "S123", "naa.5000c500a1b2c3d4", 1 << 20, 512};
  result.identity = {"serial", "size"};
  result.population_bytes = result.planned_bytes = result.compared_bytes = 1 << 20;
  result.started = time_of("2026-12-01T00:00:00Z");
  result.finished = time_of("2026-12-01T00:00:01Z");
  result.cache_bypass = CacheBypass::direct_io;
  return result;
}

RecheckResult sampled_result() {
  RecheckResult result = sample_result();
  result.medium = {"/data/\xff.img", false, {}, {}, {}, 1 << 20, 4096};
  result.identity = {"size"};
  result.sampling =
      RecheckSampling{{Bytes(32, std::byte{3}), 1000, 2002, 99'000, 1 << 20, 2300}, 200, 4096};
  result.planned_bytes = 99'000;
  result.compared_bytes = 98'488;
  result.unreadable_bytes = 512;
  result.mismatched_bytes = 512;
  result.left_out_bytes = 512;
  result.places = {{{0, 512}, ExtentState::mismatch, {}, 0},
                   {{4096, 512}, ExtentState::read_failed, {}, 5}};
  result.place_bytes_not_listed = ~std::uint64_t{0};
  result.basis.exceptions_not_listed = 3;
  result.basis.exception_bytes_not_listed = 3072;
  result.cache_bypass = CacheBypass::none;
  result.disk_bytes_read = 100'352;
  return result;
}

std::string statement_of(const RecheckResult& result) {
  return make_recheck_statement(result,
                                sample_issuance({signer_of(KeyRole::machine, key_of("machine"))}))
      .body;
}

TEST_CASE("recheck: what a certificate promises") {
  const CertificateCheck check =
      check_certificate(sample_envelope(key_of("machine")), trust_in(key_of("machine")));
  const auto basis = recheck_basis(check);
  REQUIRE(basis);
  CHECK(basis->certificate_id == "urn:uuid:" + std::string(kSampleId));
  CHECK(basis->digest == check.digest);
  CHECK(basis->kind == TargetKind::image);
  CHECK(basis->size_bytes == 1 << 20);
  CHECK(basis->serial.empty());
  CHECK(basis->exceptions.empty());
  CHECK(basis->content.keystream == "aes_256_ctr");
  CHECK(basis->content.key == Bytes(32, std::byte{7}));
  const auto content = content_of(basis->content);
  REQUIRE(content);
  Bytes made(16);
  Bytes expected(16);
  fill(*content, 0, 4096, made);
  (*find_keystream("aes_256_ctr"))
      ->fill(std::span<const std::byte, 32>(*basis->content.key), 0, 4096, expected);
  CHECK(made == expected);
}

TEST_CASE("recheck: a drive's identity, fixed content and exceptions are read") {
  Json json = Json::parse(
      sample_statement(TargetKind::image, {signer_of(KeyRole::machine, key_of("machine"))}));
  Json& predicate = json["predicate"];
  predicate["target"] = "drive";
  predicate["asset"] = {{"kind", "drive"},
                        {"capacity_bytes", "9007199254740993"},
                        {"serial_base64", "U/8="},
                        {"wwn", "naa.5"}};
  predicate["final_content"] = {
      {"kind", "fixed"}, {"byte_hex", "924924"}, {"flip_first_bit_every_bytes", 512}};
  predicate["exceptions"] = {{{"offset_bytes", 1024}, {"length_bytes", 512}, {"state", "unknown"}},
                             {{"offset_bytes", 1536}, {"length_bytes", 512}, {"state", "mismatch"}},
                             {{"offset_bytes", "9007199254740992"}, {"length_bytes", 1}}};
  predicate["exceptions_not_listed"] = {{"count", 7}, {"bytes", 3584}};
  const auto basis = recheck_basis(signed_check(json.dump() + "\n"));
  REQUIRE(basis);
  CHECK(basis->kind == TargetKind::drive);
  CHECK(basis->size_bytes == 9007199254740993);
  CHECK(basis->serial == "S\xff");
  CHECK(basis->wwn == "naa.5");
  CHECK(basis->exceptions == std::vector<Extent>{{1024, 1024}, {9007199254740992, 1}});
  CHECK(basis->exceptions_not_listed == 7);
  CHECK(basis->exception_bytes_not_listed == 3584);
  const auto content = content_of(basis->content);
  REQUIRE(content);
  Bytes made(4);
  fill(*content, 0, 0, made);
  CHECK(to_hex(made) == "12492492");
}

TEST_CASE("recheck: with what nothing can be compared") {
  const SigningKey machine = key_of("machine");
  const std::vector<Signer> signers{signer_of(KeyRole::machine, machine)};
  CHECK(why_not(signed_check(sample_statement(TargetKind::files, signers))) == Errc::unsupported);
  CHECK(why_not(signed_check(statement_of(sample_result()))) == Errc::unsupported);
  CHECK(why_not(check_with(
            kContent, {{"kind", "keystream"}, {"name", "aes_256_ctr"}, {"key_withheld", true}})) ==
        Errc::unsupported);
  CHECK(why_not(check_with(kContent, {{"kind", "keystream"}, {"name", "rot13"}})) ==
        Errc::unsupported);
  CHECK(why_not(check_with("/predicate/target", "space")) == Errc::unsupported);
  Json json = Json::parse(sample_statement(TargetKind::image, signers));
  json["predicate"].erase("final_content");
  CHECK(why_not(signed_check(json.dump() + "\n")) == Errc::unsupported);
}

TEST_CASE("recheck: promises that make no sense are malformed, whoever signed them") {
  CHECK(why_not(check_with(kSize, -1)) == Errc::malformed);
  CHECK(why_not(check_with(kSize, "01048576")) == Errc::malformed);
  CHECK(why_not(check_with(kSize, true)) == Errc::malformed);
  CHECK(why_not(check_with("/predicate/asset", "disk")) == Errc::malformed);
  CHECK(why_not(check_with(kContent, 1)) == Errc::malformed);
  CHECK(why_not(check_with(kContent, {{"kind", "poem"}})) == Errc::malformed);
  CHECK(why_not(check_with(kContent, {{"kind", "fixed"}})) == Errc::malformed);
  CHECK(why_not(check_with(kContent, {{"kind", "fixed"}, {"byte_hex", ""}})) == Errc::malformed);
  CHECK(why_not(check_with(kContent, {{"kind", "fixed"}, {"byte_hex", "0"}})) == Errc::malformed);
  CHECK(why_not(check_with(
            kContent,
            {{"kind", "fixed"}, {"byte_hex", "00"}, {"flip_first_bit_every_bytes", 4294967296}})) ==
        Errc::malformed);
  CHECK(why_not(check_with(kContent, {{"kind", "keystream"}})) == Errc::malformed);
  CHECK(why_not(check_with(kContent,
                           {{"kind", "keystream"}, {"name", "chacha20"}, {"key_hex", "0707"}})) ==
        Errc::malformed);
  for (const Json& bad :
       {Json("none"), Json::array({1}), Json::array({{{"offset_bytes", 0}}}),
        Json::array({{{"offset_bytes", 1048576}, {"length_bytes", 1}}}),
        Json::array({{{"offset_bytes", 512}, {"length_bytes", "18446744073709551615"}}})}) {
    CAPTURE(bad.dump());
    CHECK(why_not(check_with("/predicate/exceptions", bad)) == Errc::malformed);
  }
}

TEST_CASE("recheck: the verdict is the worst of what was found") {
  RecheckResult result = sample_result();
  CHECK(row_of(result.verdict()).name == "matches");
  CHECK(row_of(result.verdict()).exit_code == 0);
  result.unreadable_bytes = 512;
  result.compared_bytes -= 512;
  CHECK(row_of(result.verdict()).name == "unreadable");
  CHECK(row_of(result.verdict()).exit_code == 5);
  result.mismatched_bytes = 512;
  CHECK(row_of(result.verdict()).name == "differs");
  CHECK(row_of(result.verdict()).exit_code == 4);
  RecheckResult short_of = sample_result();
  short_of.compared_bytes -= 1;
  CHECK(short_of.verdict() == RecheckVerdict::unreadable);
}

TEST_CASE("recheck: the statement is read and checked like a certificate, and claims less") {
  for (const RecheckResult& result : {sample_result(), sampled_result()}) {
    const std::string statement = statement_of(result);
    const CertificateCheck check = signed_check(statement);
    CHECK(check.exit_code == 0);
    CHECK(check.outcome == row_of(result.verdict()).name);
    CHECK(check.certificate_id == "urn:uuid:" + std::string(kSampleId));
    CHECK(check.issued == "2026-11-22T01:00:05Z");
    CHECK(check.statement == statement);
    CHECK(statement.find("sanitized") == std::string::npos);
    const Json json = Json::parse(statement);
    CHECK(json["predicateType"] == kRecheckPredicateType);
    CHECK(json["subject"][0]["name"] == result.basis.certificate_id);
    CHECK(json["subject"][0]["digest"]["sha256"] == result.basis.digest);
    CHECK(json["predicate"]["limits"] == kLimitsSentence);
  }
  const auto lines = summary_of(signed_check(statement_of(sample_result())));
  const auto has = [&](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  CHECK(has("outcome: matches"));
  CHECK(has("recheck of: urn:uuid:" + std::string(kSampleId)));
  CHECK(has("medium: /dev/sdx, Model 1, S123, naa.5000c500a1b2c3d4"));
  CHECK(has("coverage: full, direct_io"));
}

TEST_CASE("recheck: what is not covered is said") {
  const auto all = [](const RecheckResult& result) {
    std::string text;
    for (const std::string& sentence : not_covered(result)) text += sentence + "\n";
    return text;
  };
  const std::string full = all(sample_result());
  CHECK(full.find("drawn") == full.npos);
  CHECK(full.find("exceptions") == full.npos);
  CHECK(full.find("neither serial number nor WWN") == full.npos);
  CHECK(full.find("spare blocks") != full.npos);
  const std::string sampled = all(sampled_result());
  CHECK(sampled.find("2300 ppm") != sampled.npos);
  CHECK(sampled.find("512 B that the certificate lists as exceptions") != sampled.npos);
  CHECK(sampled.find("3 more exceptions, of 3 KiB") != sampled.npos);
  CHECK(sampled.find("neither serial number nor WWN") != sampled.npos);
  CHECK(sampled.find("operating system's cache") != sampled.npos);
}

TEST_CASE("recheck: a statement that is not right is malformed") {
  const std::string good = statement_of(sample_result());
  const auto exit_with = [&](std::string_view what, std::string_view by) {
    const std::string changed = with(good, what, by);
    REQUIRE_FALSE(changed.empty());
    return signed_check(changed).exit_code;
  };
  CHECK(exit_with("\"result\": \"matches\"", "\"result\": \"sanitized\"") == 15);
  CHECK(exit_with("\"result\": \"matches\"", "\"outcome\": \"matches\"") == 15);
  CHECK(exit_with("\"recheck_id\"", "\"certificate_ID\"") == 15);
  CHECK(exit_with("\"recheck_id\": \"urn", "\"recheck_id\": \"uri") == 15);
  CHECK(exit_with("\"rechecked_at\"", "\"issued_at\"") == 15);
  CHECK(exit_with("\"role\": \"machine\"", "\"role\": 1") == 15);
  // A recheck does not pass for a certificate, nor the other way round.
  CHECK(exit_with(kRecheckPredicateType, kPredicateType) == 15);
  const std::string certificate =
      sample_statement(TargetKind::image, {signer_of(KeyRole::machine, key_of("machine"))});
  CHECK(signed_check(with(certificate, kPredicateType, kRecheckPredicateType)).exit_code == 15);
  const CertificateCheck newer =
      signed_check(with(good, kRecheckPredicateType, "urn:uuid:f941d4a8"));
  CHECK(newer.exit_code == 15);
  CHECK(newer.reason.find("a newer quietus may know it") != std::string::npos);
}

TEST_CASE("recheck: the statement fits the JSON Schema") {
  if (!output_of("python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null")) {
    MESSAGE("skipped: no Python with jsonschema");
    return;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "quietus-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const auto fits = [&](const std::string& statement) {
    std::ofstream(folder + "/statement", std::ios::binary) << statement;
    return output_of(
               "python3 -c 'import json, sys\n"
               "from jsonschema import Draft202012Validator as V\n"
               "s = json.load(open(sys.argv[1]))\n"
               "V.check_schema(s)\n"
               "V(s).validate(json.load(open(sys.argv[2])))' " QUIETUS_TESTS_DIR
               "/../schema/recheck.schema.json " +
               folder + "/statement 2>/dev/null")
        .has_value();
  };
  CHECK(fits(statement_of(sample_result())));
  CHECK(fits(statement_of(sampled_result())));
  Issuance bare = sample_issuance({});
  bare.machine = {};
  bare.account = {};
  bare.tool_sha256.clear();
  CHECK(fits(make_recheck_statement(sample_result(), bare).body));
  CHECK_FALSE(fits(with(statement_of(sample_result()), "\"matches\"", "\"sanitized\"")));
  CHECK_FALSE(fits(with(statement_of(sampled_result()), "\"strata\"", "\"layers\"")));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace quietus::test
