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

struct Recipe {
  std::string tool;
  std::string script;
  std::string printed;
};

TEST_CASE("certificate: others' tools verify it and notice a change") {
  const SigningKey machine = key_of("machine");
  const Recipe recipes[] = {{"jq --version && openssl version && base64 --version",
                             std::string(kShell), "Signature Verified Successfully\n"},
                            {"python3 -c 'import cryptography'", std::string(kPython), "good\n"},
                            {"node --version", std::string(kNode), "good\n"}};
  for (const Recipe& recipe : recipes) {
    if (!have(recipe.tool)) continue;
    const Folder folder;
    folder.put("machine.pem", to_pem(machine.public_key()));
    folder.put("cert.json", sample_envelope(machine));
    CHECK(folder.run(recipe.script) == recipe.printed);
    folder.put("machine.pem", to_pem(key_of("x").public_key()));
    CHECK(folder.run(recipe.script) != recipe.printed);
    folder.put("machine.pem", to_pem(machine.public_key()));
    folder.put("cert.json", with(sample_envelope(machine), "\"payload\":\"ey", "\"payload\":\"fy"));
    CHECK(folder.run(recipe.script) != recipe.printed);
  }
}

TEST_CASE("certificate: the man page has the same recipes") {
  std::ifstream file(QUIETUS_TESTS_DIR "/../man/quietus-certificate.5");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  CHECK(page.find(kShell) != std::string::npos);
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
  for (const TargetKind kind : {TargetKind::image, TargetKind::files}) {
    folder.put("body", sample_statement(kind, {signer_of(KeyRole::machine, machine)}));
    CHECK(folder.run(R"(jq -r '.predicate | "quietus-subject-v1", .target,
  (.asset | if .roots then .roots[] else . end
    | .path, .device, .inode, (.size_bytes // .capacity_bytes))' body | sha256sum | cut -d' ' -f1)") ==
          folder.run("jq -r '.subject[0].digest.sha256' body"));
  }
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
  folder.put("odd", make_statement(plan, plan.targets[0], evidence, bare));
  Evidence nothing;
  nothing.kind = TargetKind::image;
  nothing.extents = {{{0, 512}, ExtentState::unknown, {1}, 5}};
  plan = sample_plan(TargetKind::image);
  folder.put("nothing", make_statement(plan, plan.targets[0], nothing, bare));
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
