// SPDX-License-Identifier: GPL-3.0-or-later
// Key files: what is written, who may have touched one that is read, and that a failure leaves
// nothing behind.
#include <algorithm>
#include <doctest/doctest.h>
#include <string>

#include "quietus/digest.h"
#include "quietus/key_file.h"
#include "quietus/text.h"

#include "support/fault_platform.h"
#include "support/fixed_seams.h"
#include "support/memory_platform.h"

using namespace quietus;
using test::FaultPlatform;
using test::FixedRandom;
using test::MemoryPlatform;

namespace {

constexpr const char* kMachineId = "0123456789abcdef0123456789abcdef";

// Made with PyNaCl: seed SHA-256("operator"), passphrase "correct horse", the cheapest figures.
constexpr std::string_view kOperatorKey =
    "quietus-key 1\n"
    "name: a.smith@example.gov.uk\n"
    "role: operator\n"
    "created: 2026-11-22T01:00:00Z\n"
    "public: znIbkp98iafZ5r9jZmPYINstI5MMH45UdlLf/FSeecw=\n"
    "kdf: argon2id13 ops=2 mem=67108864 salt=AAECAwQFBgcICQoLDA0ODw==\n"
    "cipher: xchacha20poly1305 nonce=ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7\n"
    "\n"
    "DbiQgOLSddzePmm35nHAiXc9ImAFpthicS04Xasydx+1Wcr30KSFdL0y3zfFIo2F\n";

// Seed and key of SHA-256("log"), mark of kMachineId: made with Python's hashlib and PyNaCl.
constexpr std::string_view kLogKey =
    "quietus-key 1\n"
    "name: host.example\n"
    "role: log\n"
    "created: 2026-01-01T00:00:00Z\n"
    "public: mx+EeRz8dmMEWFTTid61ypVEnYdfJ2qDhAsGCrOc/HE=\n"
    "kdf: none\n"
    "cipher: none\n"
    "machine: 0c4414867f7e6c70aea764fa51ecd0ec70f96e5d8885c3c0abee7c593a8c5dbb\n"
    "\n"
    "g2/xhOe0Gx4Ty1/Yn6HemNu6uZ6dKRiRP/Q7hqXHwhM=\n";

SigningKey key_of(std::string_view name) {
  auto seed = Secret::from(sha256(bytes_of(name)));
  REQUIRE(seed.ok());
  auto key = SigningKey::from_seed(*std::move(seed));
  REQUIRE(key.ok());
  return *std::move(key);
}

NamedKey named(const std::string& name, KeyRole role, std::string_view seed_of) {
  return {name, role, Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)), false,
          key_of(seed_of)};
}

PassphraseSource says(const std::string& passphrase) {
  return [passphrase] { return Result<std::string>(passphrase); };
}

PassphraseSource must_not_be_asked() {
  return []() -> Result<std::string> {
    FAIL_CHECK("the passphrase was asked for");
    return Error{Errc::internal, 0, "asked"};
  };
}

/// A folder of keys on a machine in memory.
struct Folder {
  MemoryPlatform platform;
  FaultPlatform faulty{platform};
  FixedRandom random;
  std::unique_ptr<Directory> directory;

  Folder() {
    platform.add_directory("/keys");
    directory = faulty.open_directory("/keys").value();
  }

  Status write(const std::string& file, const NamedKey& key, const std::string& machine,
               const PassphraseSource& passphrase = must_not_be_asked()) {
    return write_key_file(*directory, file, key, {machine, passphrase}, random);
  }
  Result<NamedKey> read(const std::string& file, const std::string& machine = kMachineId,
                        const PassphraseSource& passphrase = must_not_be_asked()) {
    return read_key_file(*directory, file, {machine, passphrase}, 0);
  }
  /// How a file with this content is received.
  Errc answer(std::string_view content, const PassphraseSource& passphrase = must_not_be_asked()) {
    platform.add_file("/keys/x.key", "", 0600);
    platform.set_content("/keys/x.key", content);
    const auto key = read("x.key", kMachineId, passphrase);
    platform.remove("/keys/x.key");
    REQUIRE_FALSE(key.ok());
    return key.error().code;
  }
};

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const std::size_t at = result.find(from);
  REQUIRE(at != std::string::npos);
  return result.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("roles have names, and people's keys are not unattended") {
  for (const KeyRole role :
       {KeyRole::machine, KeyRole::log, KeyRole::operator_, KeyRole::witness, KeyRole::approver}) {
    CHECK(key_role_from(name_of(role)).value() == role);
  }
  CHECK(name_of(KeyRole::operator_) == "operator");
  CHECK(key_role_from("operator_").error().code == Errc::not_found);
  CHECK(is_unattended(KeyRole::machine));
  CHECK(is_unattended(KeyRole::log));
  CHECK_FALSE(is_unattended(KeyRole::operator_));
  CHECK_FALSE(is_unattended(KeyRole::witness));
  CHECK_FALSE(is_unattended(KeyRole::approver));
}

TEST_CASE("an unattended key is written as specified, with its public half beside it") {
  Folder folder;
  REQUIRE(folder.write("log.key", named("host.example", KeyRole::log, "log"), kMachineId).ok());
  CHECK(folder.platform.content("/keys/log.key") == kLogKey);
  CHECK(folder.platform.content("/keys/log.pem") == to_pem(key_of("log").public_key()));
  CHECK(folder.platform.node("/keys/log.key")->attributes.mode == 0600);
  CHECK(folder.platform.node("/keys/log.pem")->attributes.mode == 0644);
  CHECK(folder.platform.nodes() ==
        std::vector<std::string>{"/keys", "/keys/log.key", "/keys/log.pem"});
}

TEST_CASE("an unattended key reads back, on its machine alone") {
  Folder folder;
  folder.platform.add_file("/keys/log.key", kLogKey, 0600);
  const auto key = folder.read("log.key");
  REQUIRE(key.ok());
  CHECK(key->name == "host.example");
  CHECK(key->role == KeyRole::log);
  CHECK(to_rfc3339(key->created) == "2026-01-01T00:00:00Z");
  CHECK(key->host_bound);
  CHECK(key->key.public_key() == key_of("log").public_key());
  const auto elsewhere = folder.read("log.key", "another machine");
  CHECK(elsewhere.error().code == Errc::untrusted);
  CHECK_FALSE(elsewhere.error().hint.empty());
  CHECK(folder.read("log.key", "").error().code == Errc::untrusted);
}

TEST_CASE("where there is no machine id the key is not bound") {
  Folder folder;
  REQUIRE(folder.write("machine.key", named("m", KeyRole::machine, "m"), "").ok());
  CHECK(folder.platform.content("/keys/machine.key").find("\nmachine: none\n") !=
        std::string::npos);
  for (const char* machine : {"", kMachineId}) {
    const auto key = folder.read("machine.key", machine);
    REQUIRE(key.ok());
    CHECK_FALSE(key->host_bound);
  }
}

TEST_CASE("a person's key made elsewhere opens with its passphrase, on any machine") {
  Folder folder;
  folder.platform.add_file("/keys/a.key", kOperatorKey, 0600);
  const auto key = folder.read("a.key", "", says("correct horse"));
  REQUIRE(key.ok());
  CHECK(key->name == "a.smith@example.gov.uk");
  CHECK(key->role == KeyRole::operator_);
  CHECK_FALSE(key->host_bound);
  CHECK(key->key.public_key() == key_of("operator").public_key());
}

TEST_CASE("a wrong passphrase and a changed file look alike") {
  Folder folder;
  CHECK(folder.answer(kOperatorKey, says("correct hors")) == Errc::untrusted);
  CHECK(folder.answer(replaced(kOperatorKey, "a.smith", "b.smith"), says("correct horse")) ==
        Errc::untrusted);
  CHECK(folder.answer(replaced(kOperatorKey, "role: operator", "role: witness"),
                      says("correct horse")) == Errc::untrusted);
  CHECK(folder.answer(replaced(kOperatorKey, "DbiQ", "DbiR"), says("correct horse")) ==
        Errc::untrusted);
}

TEST_CASE("a person's key is written encrypted, at the moderate figures, and reads back") {
  Folder folder;
  const NamedKey key = named("w", KeyRole::witness, "witness");
  REQUIRE(folder.write("w.key", key, kMachineId, says("a passphrase")).ok());
  const std::string content = folder.platform.content("/keys/w.key");
  CHECK(content.find("\nkdf: argon2id13 ops=3 mem=268435456 salt=") != std::string::npos);
  CHECK(content.find("machine:") == std::string::npos);
  CHECK(content.find(to_base64(key.key.seed().bytes())) == std::string::npos);
  const auto read = folder.read("w.key", "another machine", says("a passphrase"));
  REQUIRE(read.ok());
  CHECK(read->key.public_key() == key.key.public_key());
}

TEST_CASE("a person's key is never written or read without a passphrase") {
  Folder folder;
  const NamedKey key = named("o", KeyRole::operator_, "o");
  CHECK(folder.write("o.key", key, "", says("")).error().code == Errc::invalid);
  CHECK(folder.write("o.key", key, "", {}).error().code == Errc::invalid);
  const PassphraseSource gives_up = [] {
    return Result<std::string>(Error{Errc::interrupted, 0, "stopped"});
  };
  CHECK(folder.write("o.key", key, "", gives_up).error().code == Errc::interrupted);
  CHECK(folder.platform.nodes() == std::vector<std::string>{"/keys"});
  CHECK(folder.answer(kOperatorKey, {}) == Errc::invalid);
  CHECK(folder.answer(kOperatorKey, gives_up) == Errc::interrupted);
}

TEST_CASE("no key is ever replaced") {
  const NamedKey key = named("m", KeyRole::machine, "m");
  for (const char* taken : {"/keys/m.key", "/keys/m.pem"}) {
    Folder folder;
    folder.platform.add_file(taken, "old");
    CHECK(folder.write("m.key", key, "").error().code == Errc::exists);
    CHECK(folder.platform.content(taken) == "old");
    CHECK(folder.platform.nodes() == std::vector<std::string>{"/keys", taken});
  }
}

TEST_CASE("names that can't stand in the file, or would collide, are refused") {
  Folder folder;
  for (const std::string& name : {std::string(), std::string("a\nrole: log"), std::string(" a"),
                                  std::string("a "), std::string("\xff"), std::string(256, 'a')}) {
    CHECK(folder.write("m.key", named(name, KeyRole::machine, "m"), "").error().code ==
          Errc::invalid);
  }
  CHECK(folder.write("m.pem", named("m", KeyRole::machine, "m"), "").error().code == Errc::invalid);
  REQUIRE(folder.write("noext", named("m", KeyRole::machine, "m"), "").ok());
  CHECK(folder.platform.exists("/keys/noext.pem"));
}

TEST_CASE("a key file that others could have touched is refused") {
  Folder folder;
  const auto node = folder.platform.add_file("/keys/log.key", kLogKey, 0600);
  REQUIRE(folder.read("log.key").ok());
  for (const std::uint32_t mode : {0640U, 0604U, 0620U, 0601U, 0610U}) {
    node->attributes.mode = mode;
    CHECK(folder.read("log.key").error().code == Errc::permission);
  }
  node->attributes.mode = 0400;
  CHECK(folder.read("log.key").ok());
  node->attributes.owner = 1000;
  CHECK(folder.read("log.key").error().code == Errc::permission);
  CHECK(read_key_file(*folder.directory, "log.key", {kMachineId, {}}, 1000).ok());
  node->attributes.owner = 0;
  CHECK(read_key_file(*folder.directory, "log.key", {kMachineId, {}}, 1000).ok());
  folder.platform.add_hard_link("/keys/log.key", "/keys/again.key");
  CHECK(folder.read("log.key").error().code == Errc::permission);
}

TEST_CASE("a key file is not followed through a link, and must be there") {
  Folder folder;
  folder.platform.add_file("/keys/log.key", kLogKey, 0600);
  folder.platform.add_symlink("/keys/link.key", "log.key");
  CHECK(folder.read("link.key").error().code == Errc::unsupported);
  CHECK(folder.read("missing.key").error().code == Errc::not_found);
}

TEST_CASE("what a key file says without being opened") {
  Folder folder;
  folder.platform.add_file("/keys/log.key", kLogKey, 0600);
  folder.platform.add_file("/keys/a.key", kOperatorKey, 0600);
  const auto log = inspect_key_file(*folder.directory, "log.key", kMachineId, 0);
  REQUIRE(log.ok());
  CHECK(log->name == "host.example");
  CHECK(log->role == KeyRole::log);
  CHECK(log->key == key_of("log").public_key());
  CHECK_FALSE(log->encrypted);
  CHECK(log->bound);
  CHECK(log->bound_here);
  const auto elsewhere = inspect_key_file(*folder.directory, "log.key", "another", 0);
  REQUIRE(elsewhere.ok());
  CHECK(elsewhere->bound);
  CHECK_FALSE(elsewhere->bound_here);
  const auto person = inspect_key_file(*folder.directory, "a.key", kMachineId, 0);
  REQUIRE(person.ok());
  CHECK(person->name == "a.smith@example.gov.uk");
  CHECK(person->encrypted);
  CHECK_FALSE(person->bound);
  CHECK(person->key == key_of("operator").public_key());
  folder.platform.node("/keys/a.key")->attributes.mode = 0640;
  CHECK(inspect_key_file(*folder.directory, "a.key", kMachineId, 0).error().code ==
        Errc::permission);
  folder.platform.set_content("/keys/log.key",
                              replaced(kLogKey, "mx+EeRz8dmMEWFTTid61ypVEnYdfJ2qDhAsGCrOc/HE=",
                                       "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
  CHECK(inspect_key_file(*folder.directory, "log.key", kMachineId, 0).error().code ==
        Errc::untrusted);
}

TEST_CASE("an empty passphrase opens nothing and closes nothing") {
  Folder folder;
  CHECK(folder.answer(kOperatorKey, says("")) == Errc::invalid);
  CHECK(folder.write("w.key", named("w", KeyRole::witness, "witness"), "", says("")).error().code ==
        Errc::invalid);
  CHECK(to_encrypted_pkcs8(key_of("operator"), "", folder.random).error().code == Errc::invalid);
}

TEST_CASE("a secret half leaves encrypted, at a cost") {
  Folder folder;
  const auto pem = to_encrypted_pkcs8(key_of("operator"), "correct horse", folder.random);
  REQUIRE(pem.ok());
  constexpr std::string_view kBegin = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n";
  constexpr std::string_view kEnd = "-----END ENCRYPTED PRIVATE KEY-----\n";
  REQUIRE(pem->starts_with(kBegin));
  REQUIRE(pem->ends_with(kEnd));
  std::string base64 = pem->substr(kBegin.size(), pem->size() - kBegin.size() - kEnd.size());
  std::erase(base64, '\n');
  const auto der = from_base64(base64);
  REQUIRE(der.ok());
  const std::string hex = to_hex(*der);
  CHECK(hex.find(to_hex(key_of("operator").seed().bytes())) == std::string::npos);
  CHECK(hex.find("06092a864886f70d01050d") != std::string::npos);  // PBES2
  CHECK(hex.find("06092a864886f70d01050c") != std::string::npos);  // PBKDF2
  CHECK(hex.find("02030f4240") != std::string::npos);              // 1,000,000 iterations
  CHECK(hex.find("06082a864886f70d0209") != std::string::npos);    // HMAC-SHA256
  CHECK(hex.find("060960864801650304012a") != std::string::npos);  // AES-256-CBC
}

TEST_CASE("cost figures outside interactive to sensitive are refused before any is paid") {
  Folder folder;
  for (const char* cost : {"ops=1 mem=67108864", "ops=5 mem=67108864", "ops=2 mem=67108863",
                           "ops=2 mem=1073741825", "ops=2 mem=18446744073709551616",
                           "ops=02 mem=67108864", "ops=-2 mem=67108864", "ops= mem=67108864"}) {
    CAPTURE(cost);
    CHECK(folder.answer(replaced(kOperatorKey, "ops=2 mem=67108864", cost)) == Errc::malformed);
  }
}

TEST_CASE("every line is needed, in its place and form") {
  Folder folder;
  for (const std::string_view whole : {kLogKey, kOperatorKey}) {
    for (std::size_t at = 0; at < whole.size();) {
      const std::size_t end = whole.find('\n', at) + 1;
      std::string without(whole.substr(0, at));
      without += whole.substr(end);
      CAPTURE(without);
      CHECK(folder.answer(without) == Errc::malformed);
      at = end;
    }
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK(folder.answer(whole.substr(0, size)) == Errc::malformed);
    }
  }
}

TEST_CASE("what is not quite a key file is malformed") {
  Folder folder;
  const std::pair<const char*, const char*> changes[] = {
      {"quietus-key 1", "quietus-key 2"},
      {"role: log", "role: Log"},
      {"role: log", "role: operator"},
      {"role: log\n", "role: log\nrole: log\n"},
      {"name: host.example", "name:  host.example"},
      {"name: host.example", "name: host.example\r"},
      {"name: host", "name: \x1b[2J"},
      {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00"},
      {"public: mx+E", "public: mx-E"},
      {"public: mx+E", "public: mx+F"},
      {"kdf: none", "kdf: argon2id13 ops=2 mem=67108864 salt=AAECAwQFBgcICQoLDA0ODw=="},
      {"cipher: none", "cipher: None"},
      {"machine: 0c", "machine: 0C"},
      {"machine: 0c", "machine: c"},
      {"\n\n", "\n"},
      {"\n\n", "\n\n\n"},
      {"whM=\n", "whM=\n\n"},
      {"whM=\n", "whN=\n"},
      {"g2/x", ""},
      {"g2/x", "g3/x"},
  };
  for (const auto& change : changes) {
    CAPTURE(change.first);
    CAPTURE(change.second);
    CHECK(folder.answer(replaced(kLogKey, change.first, change.second)) == Errc::malformed);
  }
  CHECK(folder.answer(std::string(kLogKey) + std::string(5000, 'x')) == Errc::malformed);
  CHECK(folder.answer(replaced(kOperatorKey, "kdf: a", "kdf: none a")) == Errc::malformed);
  CHECK(folder.answer(replaced(kOperatorKey, "nonce=ZGVm", "nonce=")) == Errc::malformed);
  CHECK(folder.answer(replaced(kOperatorKey, "salt=AAEC", "salt=")) == Errc::malformed);
}

TEST_CASE("whichever operation fails, no key and no temporary file is left") {
  const NamedKey key = named("m", KeyRole::machine, "m");
  std::uint64_t n = 1;
  for (bool passed = false; !passed; ++n) {
    REQUIRE(n < 100);
    Folder folder;
    folder.faulty.faults().fail_at = folder.faulty.faults().seen() + n;
    const Status written = folder.write("m.key", key, kMachineId);
    passed = written.ok();
    CAPTURE(folder.faulty.faults().struck());
    if (passed) {
      CHECK(folder.faulty.faults().struck().empty());
      folder.faulty.faults().fail_at = 0;
      CHECK(folder.read("m.key").ok());
    } else {
      CHECK(folder.platform.nodes() == std::vector<std::string>{"/keys"});
    }
  }
  CHECK(n > 10);
}

TEST_CASE("a key that was written survives a loss of power") {
  Folder folder;
  folder.platform.track_durability();
  REQUIRE(folder.write("log.key", named("host.example", KeyRole::log, "log"), kMachineId).ok());
  folder.platform.lose_power();
  CHECK(folder.platform.content("/keys/log.key") == kLogKey);
  CHECK(folder.platform.content("/keys/log.pem") == to_pem(key_of("log").public_key()));
}
