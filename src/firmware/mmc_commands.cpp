// SPDX-License-Identifier: GPL-3.0-or-later
// The row of eMMC. Of a card only the user area is dealt with; boot partitions, RPMB and general
// purpose partitions are other devices of the system's.
#include "firmware/command_set.h"
#include "firmware/mmc_erase.h"
#include "firmware/mmc_ext_csd.h"

namespace quietus {
namespace {

using mmc::EraseKind;
using mmc::ExtCsd;

bool answers(Medium& drive) {
  const Result<Bytes> bytes = mmc::read_ext_csd(drive);
  return bytes && mmc::ext_csd_from(*bytes);
}

/// The register as bytes and taken apart, of the user area.
struct Card {
  Bytes bytes;
  ExtCsd known;
};

Result<Card> read_card(Medium& drive) {
  Result<Bytes> bytes = mmc::read_ext_csd(drive);
  if (!bytes) return bytes.error();
  const Result<ExtCsd> known = mmc::ext_csd_from(*bytes);
  if (!known) return known.error();
  if (const Status area = mmc::check_user_area(drive, *known); !area) return area.error();
  return Card{std::move(*bytes), *known};
}

/// A card in use does not tell its identification register; the system has it from when it found
/// the card.
Result<DriveIdentity> identity(Medium& drive) {
  const Result<Card> card = read_card(drive);
  if (!card) return card.error();
  const Result<DeviceFacts> facts = drive.device();
  if (!facts) return facts.error();
  DriveIdentity who;
  who.model = facts->model;
  who.serial = facts->serial;
  who.wwn = facts->wwn;
  who.firmware = card->known.firmware;
  who.size_bytes = card->known.size_bytes();
  return who;
}

DriveHealth health(Medium& drive) {
  const Result<Card> card = read_card(drive);
  return card ? mmc::health_from(card->known, card->bytes) : DriveHealth{};
}

HiddenAreaFacts hidden_of(const Result<Card>& card) {
  HiddenAreaFacts hidden;
  if (!card) {
    hidden.why = card.error().what;
    return hidden;
  }
  hidden.present = Answer::no;
  hidden.accessible_bytes = hidden.native_bytes = card->known.size_bytes();
  return hidden;
}

HiddenAreaFacts hidden_area(Medium& drive) { return hidden_of(read_card(drive)); }

Result<HiddenAreaFacts> restore(Medium& drive) { return hidden_area(drive); }

void offer(DriveAbilities& found, Method method, EraseKind kind, bool offered) {
  MethodAbility& row = ability_of(found, method);
  row.command = name_of(kind);
  row.supported = offered ? Answer::yes : Answer::no;
  row.why = offered ? "" : "the card does not offer it (SEC_FEATURE_SUPPORT)";
}

void survey_drive(Medium& drive, const DeviceFacts& /*facts*/, DriveAbilities& found) {
  for (const Method method :
       {Method::sanitize_crypto, Method::sanitize_overwrite, Method::format}) {
    rule_out(found, method, Answer::no, "eMMC has no such command");
  }
  const Result<Card> card = read_card(drive);
  found.hidden = hidden_of(card);
  if (!card) {
    found.unknown_why = card.error().what;
    for (const Method method : {Method::sanitize_block, Method::secure_erase}) {
      rule_out(found, method, Answer::unknown, card.error().what);
    }
    return;
  }
  const Result<DriveIdentity> who = identity(drive);
  if (who) found.identity = *who;
  if (!who) found.unknown_why = who.error().what;
  offer(found, Method::sanitize_block, EraseKind::sanitize, card->known.sanitize);
  offer(found, Method::secure_erase, EraseKind::secure, card->known.secure_erase);
  ability_of(found, Method::secure_erase).estimate_s = mmc::erase_seconds(card->known, true);
  found.health = mmc::health_from(card->known, card->bytes);
  found.raw.push_back({"mmc_ext_csd", {}, card->bytes});
}

Result<Bytes> read_past_cache(Medium& /*drive*/, const DriveAbilities& /*abilities*/,
                              std::uint64_t /*offset*/, std::uint32_t /*bytes*/) {
  return no_such_command("read past its cache");
}

Status leave(Medium& /*drive*/) { return no_such_command("failure state"); }

std::unique_ptr<Operation> operation(Medium& drive, const DriveAbilities& /*abilities*/,
                                     const ActionRequest& request) {
  return mmc::erase_operation(drive, request);
}

}  // namespace

const CommandSetRow& mmc_commands() {
  static constexpr CommandSetRow kRow{CommandSet::mmc, answers,     survey_drive, identity,
                                      health,          hidden_area, restore,      read_past_cache,
                                      leave,           operation};
  return kRow;
}

}  // namespace quietus
