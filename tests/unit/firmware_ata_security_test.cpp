// SPDX-License-Identifier: GPL-3.0-or-later
// SECURITY ERASE UNIT from its one legal start to every end, and the way back from each.

#include "firmware_ata_rig.h"

using namespace quietus;
using namespace quietus::test;

TEST_CASE("firmware ata: a security erase, enhanced and normal") {
  for (const bool enhanced : {true, false}) {
    AtaRig rig;
    rig.ata->has_enhanced = enhanced;
    FirmwareOperation operation = rig.operation(Method::secure_erase);
    CHECK(operation.command().find(enhanced ? "enhanced" : "normal") != std::string::npos);
    CHECK(operation.to_be_recorded().find("\"quietus\"") != std::string::npos);
    CHECK(operation.to_be_recorded().find("--security-disable quietus") != std::string::npos);
    rig.ata->tape.clear();
    REQUIRE(operation.start().ok());
    const auto& tape = rig.ata->tape;
    REQUIRE(tape.size() == 5);
    CHECK(tape[0].command == 0xEC);
    CHECK(tape[1].command == 0xF1);
    CHECK(tape[2].command == 0xEC);
    CHECK(tape[3].command == 0xF3);
    CHECK(tape[4].command == 0xF4);
    CHECK(tape[4].out[0] == (enhanced ? std::byte{2} : std::byte{0}));
    const OperationStatus status = rig.wait_for(operation);
    CHECK(status.state == OperationState::succeeded);
    CHECK(!rig.ata->disturbed);
    CHECK(rig.ata->password.empty());
    CHECK(!rig.is_untouched());
    CHECK(operation.look().state == OperationState::succeeded);
    CHECK(operation.recover().ok());
    CHECK(rig.ata->count(0xF6) == 0);
  }
}

TEST_CASE("firmware ata: nothing is sent while a security erase runs") {
  AtaRig rig;
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  REQUIRE(operation.start().ok());
  const std::size_t before = rig.ata->tape.size();
  for (int i = 0; i < 5; ++i) CHECK(operation.look().state == OperationState::running);
  CHECK(operation.recover().error().code == Errc::busy);
  CHECK(rig.ata->tape.size() == before);
  CHECK(!rig.ata->disturbed);
}

TEST_CASE("firmware ata: a security erase has one legal start") {
  AtaRig rig;
  SUBCASE("frozen") { rig.ata->frozen = true; }
  SUBCASE("locked") {
    rig.ata->set_password("theirs");
    rig.ata->cut_power();
  }
  SUBCASE("a password is set") { rig.ata->set_password("theirs"); }
  SUBCASE("tries used up") { rig.ata->count_expired = true; }
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  const Bytes password = rig.ata->password;
  CHECK(operation.start().error().code == Errc::permission);
  CHECK(rig.ata->count(0xF1) == 0);
  CHECK(rig.ata->password == password);
}

TEST_CASE("firmware ata: a security erase that can't be begun takes its password off again") {
  AtaRig rig;
  SUBCASE("the preparation is refused") {
    rig.ata->refuses_prepare = true;
    FirmwareOperation operation = rig.operation(Method::secure_erase);
    CHECK(operation.start().error().code == Errc::permission);
  }
  SUBCASE("the password is swallowed") {
    rig.ata->swallows_password = true;
    FirmwareOperation operation = rig.operation(Method::secure_erase);
    CHECK(operation.start().error().code == Errc::unsupported);
  }
  CHECK(rig.ata->count(0xF4) == 0);
  CHECK(rig.ata->password.empty());
  CHECK(rig.is_untouched());
}

TEST_CASE("firmware ata: a password that can't be taken off: the error says how") {
  AtaRig rig;
  rig.ata->refuses_prepare = true;
  rig.ata->refuses_disable = true;
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  const Status status = operation.start();
  REQUIRE(!status.ok());
  CHECK(status.error().hint.find("--security-disable quietus") != std::string::npos);
  const Status left = operation.recover();
  REQUIRE(!left.ok());
  CHECK(left.error().hint.find("--security-unlock quietus") != std::string::npos);
  rig.ata->refuses_disable = false;
  CHECK(operation.recover().ok());
  CHECK(rig.ata->password.empty());
}

TEST_CASE("firmware ata: how a security erase fails") {
  using Erase = FakeAta::Erase;
  struct Row {
    Erase erase;
    OperationState state;
    bool reset;
  };
  for (const Row& row : {Row{Erase::aborts, OperationState::failed, false},
                         Row{Erase::keeps_password, OperationState::failed, false},
                         Row{Erase::is_reset, OperationState::failed, true},
                         Row{Erase::is_reset_quietly, OperationState::failed, true},
                         Row{Erase::is_lost, OperationState::unknown, false}}) {
    CAPTURE(static_cast<int>(row.erase));
    AtaRig rig;
    rig.ata->erase = row.erase;
    FirmwareOperation operation = rig.operation(Method::secure_erase);
    REQUIRE(operation.start().ok());
    const OperationStatus status = rig.wait_for(operation);
    CHECK(status.state == row.state);
    CHECK(status.reset_seen == row.reset);
    CHECK(operation.recover().ok());
    CHECK(rig.ata->password.empty());
    CHECK(!rig.ata->locked);
    CHECK(operation.look().state == row.state);
  }
}

TEST_CASE("firmware ata: a drive that lies about its erase is believed here; canaries catch it") {
  AtaRig rig;
  rig.ata->erase = FakeAta::Erase::lies;
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  REQUIRE(operation.start().ok());
  CHECK(rig.wait_for(operation).state == OperationState::succeeded);
  CHECK(rig.is_untouched());
}

TEST_CASE("firmware ata: somebody pokes the drive during a security erase") {
  AtaRig rig;
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  REQUIRE(operation.start().ok());
  static_cast<void>(read_identity(rig.drive, CommandSet::ata));
  const OperationStatus status = rig.wait_for(operation);
  CHECK(status.state == OperationState::failed);
  CHECK(operation.recover().ok());
  CHECK(rig.ata->password.empty());
}

TEST_CASE("firmware ata: a drive that does not come back from its erase is unknown") {
  AtaRig rig;
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  REQUIRE(operation.start().ok());
  rig.clock.wait(10 * kSecond);
  rig.ata->is_gone = true;
  CHECK(operation.look().state == OperationState::unknown);
}

TEST_CASE("firmware ata: a security erase that somebody else began") {
  AtaRig rig;
  SUBCASE("our password is still set, the drive locked by a power cut") {
    FirmwareOperation first = rig.operation(Method::secure_erase);
    REQUIRE(first.start().ok());
    rig.ata->cut_power();
    FirmwareOperation second(rig.drive, rig.found, {Method::secure_erase, false, {}});
    CHECK(second.look().state == OperationState::failed);
    CHECK(second.recover().ok());
    CHECK(rig.ata->password.empty());
  }
  SUBCASE("no password: the drive does not tell") {
    FirmwareOperation second = rig.operation(Method::secure_erase);
    CHECK(second.look().state == OperationState::unknown);
    CHECK(second.recover().ok());
  }
  SUBCASE("frozen with the password: the way out is in words") {
    rig.ata->set_password("quietus");
    rig.ata->frozen = true;
    FirmwareOperation second = rig.operation(Method::secure_erase);
    CHECK(second.recover().error().hint.find("power the drive off") != std::string::npos);
  }
  SUBCASE("somebody else's password is left alone") {
    rig.ata->set_password("theirs");
    const Bytes password = rig.ata->password;
    FirmwareOperation second = rig.operation(Method::secure_erase);
    CHECK(!second.recover().ok());
    CHECK(rig.ata->password == password);
  }
}

TEST_CASE("firmware ata: a security erase where good ends are all a bridge passes on") {
  AtaRig rig;
  rig.ata->registers = FakeAta::Registers::good;
  FirmwareOperation operation = rig.operation(Method::secure_erase);
  REQUIRE(operation.start().ok());
  // IDENTIFY comes as data, and shows that the password went.
  CHECK(rig.wait_for(operation).state == OperationState::succeeded);
  CHECK(!rig.is_untouched());
}
