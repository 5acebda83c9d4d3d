// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus trust`: whichever operation fails, the trust file is as it was or has the whole line,
// and no line is in force that the ledger does not have.
#include <doctest/doctest.h>

#include "unit/app_world.h"
#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

const std::string kSigners = std::string(kState) + "/trust/allowed_signers";
const std::string kRevoked = std::string(kState) + "/trust/revoked";
const std::string kLine =
    "a.smith namespaces=\"quietus-operator\" ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIM5yG5KffImn2ea/Y2Zj2CDbLSOTDB+OVHZS3/xUnnnM\n";
const std::string kId = "c338c91a01b087c72cdd6b3904e5c8bc1698f906afc1fac2cfa63cbd205ca9bd";

std::string content(AppWorld& world, const std::string& path) {
  return world.memory.exists(path) ? world.memory.content(path) : std::string();
}

int add(AppWorld& world) {
  world.memory.add_file("/a.pem", to_pem(key_of("operator").public_key()));
  return world.run(
      {"trust", "add", "/a.pem", "--principal", "a.smith", "--role", "operator", "--quiet"});
}

int revoke(AppWorld& world) {
  return world.run({"trust", "revoke", kId, "--reason", "left", "--from", "2026-01-01"});
}

bool in_ledger(AppWorld& world, const std::string& type) {
  return content(world, std::string(kState) + "/ledger/entries.jsonl").find(type) !=
         std::string::npos;
}

TEST_CASE("trust: a change is whole or not made, and never without its ledger event") {
  std::uint64_t n = 1;
  for (bool passed = false; !passed; ++n) {
    REQUIRE(n < 2000);
    AppWorld world;
    world.platform.faults().fail_at = n;
    const int exit_code = add(world);
    passed = world.platform.faults().struck().empty();
    CAPTURE(world.platform.faults().struck());
    const std::string signers = content(world, kSigners);
    CHECK((signers.empty() || signers == kLine));
    if (exit_code == 0) CHECK(signers == kLine);
    if (!signers.empty()) CHECK(in_ledger(world, "key.added"));
    CHECK_FALSE(world.memory.exists(std::string(kState) + "/trust/.allowed_signers.tmp"));
    if (passed) CHECK(exit_code == 0);
  }
  CHECK(n > 30);
}

TEST_CASE("trust: what was added and revoked survives a loss of power") {
  AppWorld world;
  world.memory.track_durability();
  REQUIRE(add(world) == 0);
  REQUIRE(revoke(world) == 0);
  world.memory.lose_power();
  CHECK(content(world, kSigners) == kLine);
  CHECK(content(world, kRevoked) == kId + " 2026-01-01T00:00:00Z left\n");
  CHECK(in_ledger(world, "key.revoked"));
}

}  // namespace
}  // namespace quietus::test
