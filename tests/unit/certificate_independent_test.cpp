// SPDX-License-Identifier: GPL-3.0-or-later
// Others' tools read what we wrote: the recipes of quietus-certificate(5), word for word, and the
// JSON Schema. Skipped, and said so, where a tool is missing.
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "quietus/keystream.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

/// A folder that goes with the object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "quietus-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  /// What a script prints that runs in the folder; none if it fails.
  [[nodiscard]] std::optional<std::string> run(const std::string& script) const {
    return output_of("cd " + path_.string() + " && { " + script + "\n} 2>/dev/null");
  }

 private:
  std::filesystem::path path_;
};

bool have(const std::string& tool) {
  if (output_of("{ " + tool + "; } >/dev/null 2>&1")) return true;
  MESSAGE("skipped: \"" << tool << "\" does not run here");
  return false;
}

constexpr std::string_view kShell = R"(b() { jq -r "$1" cert.json; }
b .payload | base64 -d > body ; t=$(b .payloadType)
{ printf 'DSSEv1 %d %s %d ' ${#t} "$t" $(wc -c <body); cat body; } > pae
b '.signatures[0].sig' | base64 -d > sig
openssl pkeyutl -verify -pubin -inkey machine.pem -rawin -in pae -sigfile sig)";

constexpr std::string_view kKeyId =
    "openssl pkey -pubin -in machine.pem -outform DER | sha256sum | cut -d' ' -f1";

constexpr std::string_view kPython = R"(cat > verify.py <<'END'
import base64, json
from cryptography.hazmat.primitives.serialization import load_pem_public_key
e = json.load(open("cert.json"))
b, t = base64.b64decode(e["payload"]), e["payloadType"].encode()
m = b"DSSEv1 %d %s %d %s" % (len(t), t, len(b), b)
k = load_pem_public_key(open("machine.pem", "rb").read())
k.verify(base64.b64decode(e["signatures"][0]["sig"]), m)
print("good")
END
python3 verify.py)";

constexpr std::string_view kNode = R"(cat > verify.js <<'END'
const fs = require("fs"), crypto = require("crypto");
const e = JSON.parse(fs.readFileSync("cert.json"));
const b = Buffer.from(e.payload, "base64"), t = e.payloadType;
const m = Buffer.concat([Buffer.from(`DSSEv1 ${t.length} ${t} ${b.length} `), b]);
const s = Buffer.from(e.signatures[0].sig, "base64");
const good = crypto.verify(null, m, fs.readFileSync("machine.pem"), s);
console.log(good ? "good" : "BAD");
process.exit(good ? 0 : 1);
END
node verify.js)";

constexpr std::string_view kSchema = R"(cat > check.py <<'END'
import json, sys
from jsonschema import Draft202012Validator as V
schema = json.load(open(sys.argv[1]))
V.check_schema(schema)
for name in sys.argv[2:]:
    V(schema).validate(json.load(open(name)))
print("good")
END
python3 check.py )";

/// Prints the subject's digest from a statement, of any kind of target.
constexpr std::string_view kSubject =
    R"(jq -r '.predicate | "quietus-subject-v2", .asset.subject_salt, .target,
  (.asset | if .kind == "drive" then (.vendor, .model, .serial, .wwn | . // ""), .capacity_bytes
    else if .roots then .roots[] else . end
      | .path, .device, .inode, (.size_bytes // .capacity_bytes // .free_bytes) end)' \
  body | sha256sum)";

struct Recipe {
  std::string tool;
  std::string script;
  std::string printed;
  std::string refusal;  ///< what the tool says of a bad signature
};

/// The certificate of a failure that says of itself that all went well: signed, then changed.
std::string forged_envelope(const SigningKey& machine) {
  const Plan plan = sample_plan(TargetKind::image);
  Evidence evidence = sample_evidence(TargetKind::image);
  evidence.outcome = Outcome::verification_failed;
  const std::string honest = make_statement(plan, plan.targets[0], evidence,
                                            sample_issuance({signer_of(KeyRole::machine, machine)}))
                                 .body;
  const std::string forged =
      with(honest, "\"outcome\": \"verification_failed\"", "\"outcome\": \"sanitized\"");
  REQUIRE_FALSE(forged.empty());
  const std::array<const SigningKey*, 1> keys{&machine};
  return with(sign_statement(honest, keys), to_base64(bytes_of(honest)),
              to_base64(bytes_of(forged)));
}

TEST_CASE("certificate: others' tools verify it and notice a change") {
  const SigningKey machine = key_of("machine");
  const Recipe recipes[] = {
      {"jq --version && openssl version && base64 --version", std::string(kShell),
       "Signature Verified Successfully\n", "Signature Verification Failure"},
      {"python3 -c 'import cryptography'", std::string(kPython), "good\n", "InvalidSignature"},
      {"node --version", std::string(kNode), "good\n", "BAD"}};
  for (const Recipe& recipe : recipes) {
    if (!have(recipe.tool)) continue;
    CAPTURE(recipe.tool);
    const Folder folder;
    const std::string refused =
        "{ " + recipe.script + "\n} 2>&1 | grep -q '" + recipe.refusal + "'";
    folder.put("machine.pem", to_pem(machine.public_key()));
    folder.put("cert.json", sample_envelope(machine));
    CHECK(folder.run(recipe.script) == recipe.printed);
    CHECK_FALSE(folder.run(refused));
    folder.put("machine.pem", to_pem(key_of("x").public_key()));
    CHECK_FALSE(folder.run(recipe.script));
    CHECK(folder.run(refused));
    folder.put("machine.pem", to_pem(machine.public_key()));
    folder.put("cert.json", forged_envelope(machine));
    CHECK_FALSE(folder.run(recipe.script));
    CHECK(folder.run(refused));
  }
}

TEST_CASE("certificate: the man page has the same recipes") {
  std::ifstream file(QUIETUS_TESTS_DIR "/../man/quietus-certificate.5");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  CHECK(page.find(kShell) != std::string::npos);
  std::string subject(kSubject);
  for (std::size_t at = 0; (at = subject.find('\\', at)) != std::string::npos; at += 2) {
    subject.insert(at + 1, "e");  // as roff writes a backslash
  }
  CHECK(page.find(subject) != std::string::npos);
  for (const std::string_view script : {kPython, kNode}) {
    const std::size_t begin = script.find('\n') + 1;
    CHECK(page.find(script.substr(begin, script.find("END\n", begin) - begin)) !=
          std::string::npos);
  }
}

TEST_CASE("certificate: openssl and sha256sum give the keyid and the plain subject digest") {
  const SigningKey machine = key_of("machine");
  if (!have("openssl version && sha256sum --version && jq --version")) return;
  const Folder folder;
  folder.put("machine.pem", to_pem(machine.public_key()));
  CHECK(folder.run(std::string(kKeyId)) == key_id_of(machine.public_key()) + "\n");
  const auto agrees = [&](const std::string& statement) {
    folder.put("body", statement);
    const auto computed = folder.run(std::string(kSubject) + " | cut -d' ' -f1");
    return computed && computed == folder.run("jq -r '.subject[0].digest.sha256' body");
  };
  const std::vector<Signer> signers{signer_of(KeyRole::machine, machine)};
  for (const TargetKind kind : {TargetKind::image, TargetKind::files, TargetKind::drive}) {
    CAPTURE(name_of(kind));
    CHECK(agrees(sample_statement(kind, signers)));
  }
  Plan bare = sample_plan(TargetKind::drive);
  Root& root = bare.targets[0].roots[0];
  root.identity.inode = root.device->sequence = 0;
  root.device->vendor.clear();
  root.device->serial.clear();
  root.device->wwn.clear();
  const std::string statement =
      make_statement(bare, bare.targets[0], sample_evidence(TargetKind::drive),
                     sample_issuance(signers))
          .body;
  CHECK(agrees(statement));
  CHECK_FALSE(agrees(with(statement, "\"model\": \"Model 7\"", "\"model\": \"Model 8\"")));
}

TEST_CASE("certificate: openssl makes the published content again, anywhere") {
  if (!have("openssl version && jq --version")) return;
  const Bytes key_bytes(32, std::byte{7});  // as in sample_evidence()
  const std::span<const std::byte, 32> key(key_bytes.data(), 32);
  const auto hex64 = [](std::uint64_t value, bool big) {
    Bytes bytes(8);
    for (std::size_t i = 0; i < 8; ++i)
      bytes[big ? 7 - i : i] = static_cast<std::byte>(value >> (8 * i) & 255U);
    return to_hex(bytes);
  };
  const std::uint64_t offset = (std::uint64_t{300} << 30U) + 4096;
  const std::string zero(16, '0');
  struct Row {
    std::string name;
    std::string cipher;
    std::string iv;
  };
  const Row rows[] = {{"aes_256_ctr", "-aes-256-ctr", zero + hex64(offset / 16, true)},
                      {"chacha20", "-chacha20", hex64(offset / 64, false) + zero}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Folder folder;
    folder.put("body", sample_statement(TargetKind::image, {}));
    Bytes expected(100);
    (*find_keystream(row.name))->fill(key, 0, offset, expected);
    const auto made =
        folder.run("head -c 100 /dev/zero | openssl enc " + row.cipher +
                   " -K $(jq -r .predicate.final_content.key_hex body) -iv " + row.iv);
    REQUIRE(made);
    CHECK(to_hex(bytes_of(*made)) == to_hex(expected));
  }
}

/// A drive of which much is to be said: resumed, sampled, measured.
std::string told_drive(const std::vector<Signer>& signers) {
  Plan plan = sample_plan(TargetKind::drive);
  plan.targets[0].roots[0].device->hidden_area = HiddenArea::unknown;
  Evidence evidence = sample_evidence(TargetKind::drive);
  evidence.outcome = Outcome::unverified;
  evidence.verify = VerifyMode::sample;
  evidence.sampling = {Bytes(32, std::byte{9}), 1000, 2002, 99'000, 1 << 20, 2300, 200, 4096};
  evidence.conditions = {
      {time_of("2026-11-22T01:00:02Z"), 1, SweepKind::verify, 4096, 100, -1500},
      {time_of("2026-11-22T01:00:03Z"), 2, SweepKind::write, 8192, ~std::uint64_t{0}, {}}};
  evidence.resumed = {time_of("2026-11-22T01:00:02.5Z")};
  evidence.extents = {{{0, 512}, ExtentState::write_failed, {1}, 5}};
  evidence.facts = {{"hidden_area_not_checked", "text", true}};
  evidence.afterwards->signatures = {{"filesystem", "ext4", "\xff", "", 1080}};
  return make_statement(plan, plan.targets[0], evidence, sample_issuance(signers)).body;
}

/// A partition or a loop device that tells little.
std::string bare_drive(DeviceKind kind, const std::vector<Signer>& signers) {
  Plan plan = sample_plan(TargetKind::drive);
  DeviceFacts device;
  device.path = "/dev/x\xff";
  device.kind = kind;
  device.disk = "sdx";
  device.backing_file = "/srv/\xff";
  device.model = "\xff";
  plan.targets[0].roots[0].device = device;
  Evidence evidence = sample_evidence(TargetKind::drive);
  evidence.afterwards = {"\xff", {}};
  return make_statement(plan, plan.targets[0], evidence, sample_issuance(signers)).body;
}

TEST_CASE("certificate: drives fit the JSON Schema, changed ones do not") {
  if (!have("python3 -c 'from jsonschema import Draft202012Validator'")) return;
  const std::string check =
      std::string(kSchema) + QUIETUS_TESTS_DIR "/../schema/certificate.schema.json ";
  const std::vector<Signer> signers{signer_of(KeyRole::machine, key_of("machine"))};
  const Folder folder;
  const std::string plain = sample_statement(TargetKind::drive, signers);
  const std::string told = told_drive(signers);
  const std::string part = bare_drive(DeviceKind::partition, signers);
  for (const std::string& statement : {plain, told, part, bare_drive(DeviceKind::loop, signers)}) {
    CAPTURE(statement);
    folder.put("drive", statement);
    CHECK(folder.run(check + "drive") == "good\n");
  }
  struct Change {
    const std::string& of;
    const char* what;
    const char* by;
  };
  const Change changes[] = {
      {plain, "\"serial\": \"S3RIAL\",", ""},
      {plain, "\"wwn\"", "\"serial_absent\": true, \"serial_absent_reason\": \"\", \"wwn\""},
      {plain, "\"device_kind\": \"disk\"", "\"device_kind\": \"partition\""},
      {plain, "\"disk_sequence\": 17,", ""},
      {plain, "\"hidden_area\": \"none\"", "\"hidden_area\": \"no\""},
      {plain, "\"target\": \"drive\"", "\"target\": \"image\""},
      {plain, "\"signatures\": []", "\"signatures_unknown\": false"},
      {part, "\"signatures_unknown\": true", "\"other\": true"},
      {part, "\"device_kind\": \"partition\"", "\"device_kind\": \"disk\""},
      {told, "\"mode\": \"sample\"", "\"mode\": \"full\""},
      {told, "\"cells_per_stratum\": 200,", ""},
      {told, "\"cell_bytes\"", "\"cells_bytes\""},
      {told, "\"kind\": \"verify\"", "\"kind\": \"read\""},
      {told, "\"2026-11-22T01:00:02.500000Z\"", "\"yesterday\""}};
  for (const Change& change : changes) {
    CAPTURE(change.what);
    const std::string changed = with(change.of, change.what, change.by);
    REQUIRE_FALSE(changed.empty());
    folder.put("changed", changed);
    CHECK_FALSE(folder.run(check + "changed"));
  }
}

SpaceEvidence told_space() {
  SpaceEvidence space;
  space.free_before_bytes = ~std::uint64_t{0};
  space.filled_bytes = 4096;
  space.unreached = UnreachedPlaces{{{1792, {4096, 512}}}, 3, 1536};
  space.steps = {{"bulk", 4, 4096, 0, 17}, {"names", 20, 0, 1, 18}};
  space.canaries = CanaryEvidence{true, "", 1 << 20, {{"large", 10, 0}, {"names", 4, 1}}};
  return space;
}

TEST_CASE("certificate: places that no file addresses fit the JSON Schema, changed ones do not") {
  if (!have("python3 -c 'from jsonschema import Draft202012Validator'")) return;
  const std::string check =
      std::string(kSchema) + QUIETUS_TESTS_DIR "/../schema/certificate.schema.json ";
  const std::vector<Signer> signers{signer_of(KeyRole::machine, key_of("machine"))};
  const Folder folder;
  const Plan plan = sample_plan(TargetKind::free_space, "/srv/data");
  Evidence evidence = sample_evidence(TargetKind::free_space);
  evidence.space = told_space();
  const std::string space =
      make_statement(plan, plan.targets[0], evidence, sample_issuance(signers)).body;
  const Plan files_plan = sample_plan(TargetKind::files);
  Evidence files_evidence = sample_evidence(TargetKind::files);
  files_evidence.space = told_space();
  files_evidence.space->canaries = CanaryEvidence{false, "no access \xff", 0, {}};
  files_evidence.chase = ChaseEvidence{4096, 10, 8, {{{1792, {0, 8192}}}, 1, 8192}, 60};
  files_evidence.proof = PlacementProof{4096, 100, "it lies among metadata"};
  const std::string files =
      make_statement(files_plan, files_plan.targets[0], files_evidence, sample_issuance(signers))
          .body;
  for (const std::string& statement : {space, files}) {
    CAPTURE(statement);
    folder.put("places", statement);
    CHECK(folder.run(check + "places") == "good\n");
  }
  CHECK(space.find("final_content") == std::string::npos);
  struct Change {
    const std::string& of;
    const char* what;
    const char* by;
  };
  const Change changes[] = {{space, "\"target\": \"free_space\"", "\"target\": \"image\""},
                            {space, "\"filled_bytes\": 4096,", ""},
                            {space, "\"survivors\": 1", "\"survivors\": \"one\""},
                            {space, "\"not_listed\": 2", "\"not_listed\": -2"},
                            {space, "\"duration_us\": 17", "\"duration_us\": 1.5"},
                            {space, "\"scanned\": true", "\"scanned\": 1"},
                            {files, "\"blocks\": 10,", ""},
                            {files, "\"proven_bytes\": 4096,", ""},
                            {files, "\"inline_bytes\": 60", "\"in_line_bytes\": 60"}};
  for (const Change& change : changes) {
    CAPTURE(change.what);
    const std::string changed = with(change.of, change.what, change.by);
    REQUIRE_FALSE(changed.empty());
    folder.put("changed", changed);
    CHECK_FALSE(folder.run(check + "changed"));
  }
}

TEST_CASE("certificate: every kind of statement fits the JSON Schema, others do not") {
  if (!have("python3 -c 'from jsonschema import Draft202012Validator'")) return;
  const std::string check =
      std::string(kSchema) + QUIETUS_TESTS_DIR "/../schema/certificate.schema.json ";
  const std::vector<Signer> signers{signer_of(KeyRole::machine, key_of("machine")),
                                    signer_of(KeyRole::operator_, key_of("operator"), "A. Smith")};
  const Folder folder;
  const std::string image = sample_statement(TargetKind::image, signers);
  folder.put("image", image);
  folder.put("files", sample_statement(TargetKind::files, signers));
  Plan plan = sample_plan(TargetKind::files, "/\xff");
  plan.targets[0].roots[0].identity.inode = ~std::uint64_t{0};
  plan.targets[0].roots[0].obstacles.push_back({"copy_on_write", "", ""});
  Evidence evidence = sample_evidence(TargetKind::files);
  evidence.outcome = Outcome::verification_failed;
  evidence.facts = {{"changed", "\xff", true}, {"names_may_remain", "text", false}};
  evidence.exceptions = {{0,
                          "/a",
                          Outcome::failed,
                          {{{0, 512}, ExtentState::mismatch, {1}, 0},
                           {{512, 512}, ExtentState::write_failed, {1, 2}, 5}},
                          evidence.facts}};
  evidence.passes[0].content = {ContentFacts::Kind::fixed, bytes_from("924924"), 512, {}, {}};
  Issuance bare = sample_issuance(signers);
  bare.machine = {};
  bare.account = {};
  bare.tool_sha256.clear();
  bare.ledger_origin.clear();
  bare.run_event_index.reset();
  folder.put("odd", make_statement(plan, plan.targets[0], evidence, bare).body);
  Evidence nothing;
  nothing.kind = TargetKind::image;
  nothing.extents = {{{0, 512}, ExtentState::unknown, {1}, 5}};
  plan = sample_plan(TargetKind::image);
  folder.put("nothing", make_statement(plan, plan.targets[0], nothing, bare).body);
  for (const char* name : {"image", "files", "odd", "nothing"}) {
    CAPTURE(name);
    CHECK(folder.run(check + name) == "good\n");
  }
  const std::pair<const char*, const char*> changes[] = {
      {"\"outcome\": \"sanitized\"", "\"outcome\": \"success\""},
      {"\"serial_absent\": true,", ""},
      {"\"mode\": \"full\"", "\"mode\": \"full\", \"new\": 1"},
      {"\"passes_planned\": 3", "\"passes_planned\": 3.5"},
      {"\"limits\"", "\"other\""},
      {"\"target\": \"image\"", "\"target\": \"files\""}};
  for (const auto& change : changes) {
    CAPTURE(change.first);
    folder.put("changed", with(image, change.first, change.second));
    CHECK_FALSE(folder.run(check + "changed"));
  }
}

}  // namespace
}  // namespace quietus::test
