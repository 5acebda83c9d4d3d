// SPDX-License-Identifier: GPL-3.0-or-later
// Three ways to hide, asked and opened one after the other. Opcodes checked against the Linux
// kernel's ata.h, hdparm and openSeaChest.
#include "firmware/ata_hidden_area.h"

#include <algorithm>
#include <array>

namespace quietus {
namespace {

constexpr std::uint8_t kReadNativeMax = 0xF8;
constexpr std::uint8_t kReadNativeMaxExt = 0x27;
constexpr std::uint8_t kSetMax = 0xF9;
constexpr std::uint8_t kSetMaxExt = 0x37;
constexpr std::uint16_t kForGood = 0x0001;  // COUNT bit 0

constexpr std::uint8_t kAccessibleMax = 0x78;
constexpr std::uint16_t kGetNativeMax = 0x0000;
constexpr std::uint16_t kSetAccessibleMax = 0x0001;

constexpr std::uint8_t kOverlay = 0xB1;
constexpr std::uint16_t kOverlayRestore = 0xC0;
constexpr std::uint16_t kOverlayIdentify = 0xC2;

AtaCommand asking_registers(std::uint8_t code, bool is_extended) {
  AtaCommand command;
  command.command = code;
  command.is_extended = is_extended;
  command.wants_registers = true;
  return command;
}

/// What one of the ways says: how many blocks there are with it lifted. None: it does not say, and
/// `why` tells why.
struct Told {
  std::optional<std::uint64_t> blocks;
  std::string why;
};

Told last_block(AtaLink& link, const AtaCommand& command, std::string_view what) {
  const auto outcome = link.ask(command);
  if (!outcome) return {std::nullopt, outcome.error().in(what).what};
  if (outcome->end == AtaOutcome::End::refused)
    return {std::nullopt, refusal_of(*outcome, what).what};
  if (!outcome->registers || !outcome->registers->lba) {
    return {std::nullopt,
            std::string(what) +
                ": the answer is in registers that did not come through (a USB bridge "
                "or an adapter stands between)"};
  }
  return {*outcome->registers->lba + 1, {}};
}

Told host_protected(AtaLink& link, const AtaIdentify& identify) {
  return last_block(link, read_native_max_command(identify.has_48_bit()),
                    "READ NATIVE MAX ADDRESS");
}

Told accessible_max(AtaLink& link, const AtaIdentify& /*identify*/) {
  return last_block(link, get_native_max_command(), "GET NATIVE MAX ADDRESS EXT");
}

Told overlay(AtaLink& link, const AtaIdentify& /*identify*/) {
  constexpr std::string_view kWhat = "DEVICE CONFIGURATION IDENTIFY";
  const auto outcome = link.ask(overlay_identify_command());
  if (!outcome) return {std::nullopt, outcome.error().in(kWhat).what};
  if (outcome->end != AtaOutcome::End::done)
    return {std::nullopt, refusal_of(*outcome, kWhat).what + " (it may be frozen)"};
  const auto last = decode_overlay(outcome->scsi.data);
  if (!last) return {std::nullopt, std::string(kWhat) + ": no such data came back"};
  return {*last + 1, {}};
}

struct Way {
  std::string_view kind;
  bool (AtaIdentify::*is_there)() const;
  Told (*ask)(AtaLink&, const AtaIdentify&);
};
// In the order in which they are opened up: an overlay is not restored beneath the others.
constexpr std::array kWays{
    Way{"hpa", &AtaIdentify::has_hpa, host_protected},
    Way{"amac", &AtaIdentify::has_amac, accessible_max},
    Way{"dco", &AtaIdentify::has_dco, overlay},
};

void add_sentence(std::string& text, std::string_view more) {
  if (!text.empty()) text += "; ";
  text += more;
}

/// Asks one way, and adds what it hides of what is beneath it.
void look_behind(AtaLink& link, const AtaIdentify& identify, const Way& way,
                 HiddenAreaFacts& found) {
  if (!(identify.*way.is_there)()) return;
  Told told = way.ask(link, identify);
  const std::uint64_t bytes = told.blocks.value_or(0) * identify.block_bytes();
  if (told.blocks && bytes < found.accessible_bytes)
    told = {std::nullopt, std::string(way.kind) + ": the drive names less than it lets be used"};
  if (!told.blocks) {
    if (found.present == Answer::no) found.present = Answer::unknown;
    add_sentence(found.why, told.why);
    return;
  }
  if (bytes <= found.native_bytes) return;
  found.present = Answer::yes;
  found.kinds.emplace_back(way.kind);
  found.native_bytes = bytes;
}

HiddenAreaFacts read_with(AtaLink& link, const AtaIdentify& identify) {
  HiddenAreaFacts found;
  found.present = Answer::no;
  found.accessible_bytes = identify.blocks() * identify.block_bytes();
  found.native_bytes = found.accessible_bytes;
  for (const Way& way : kWays) look_behind(link, identify, way, found);
  if (found.present == Answer::unknown) found.native_bytes = 0;
  return found;
}

bool hides(const HiddenAreaFacts& facts, std::string_view kind) {
  return std::find(facts.kinds.begin(), facts.kinds.end(), kind) != facts.kinds.end();
}

/// Empty: the drive took it.
std::string taken(const Result<AtaOutcome>& outcome, std::string_view what) {
  if (!outcome) return outcome.error().in(what).what;
  if (outcome->end == AtaOutcome::End::done) return {};
  return refusal_of(*outcome, what).what;
}

std::string lift_host_protected(AtaLink& link, const AtaIdentify& identify) {
  const Told native = host_protected(link, identify);
  if (!native.blocks) return native.why;
  return taken(link.send(set_max_command(identify.has_48_bit(), *native.blocks - 1)),
               "SET MAX ADDRESS");
}

std::string lift_accessible_max(AtaLink& link, const AtaIdentify& identify) {
  const Told native = accessible_max(link, identify);
  if (!native.blocks) return native.why;
  return taken(link.send(set_accessible_max_command(*native.blocks - 1)),
               "SET ACCESSIBLE MAX ADDRESS EXT");
}

std::string restore_overlay(AtaLink& link, const AtaIdentify& /*identify*/) {
  // An adapter tells of a change of size by SET MAX ADDRESS before it passes anything on.
  constexpr std::uint8_t kParametersChanged = 0x2A;  // SPC-5 table F.2
  Result<AtaOutcome> outcome = link.send(overlay_restore_command());
  if (outcome && outcome->end == AtaOutcome::End::attention &&
      outcome->scsi.sense->asc == kParametersChanged)
    outcome = link.send(overlay_restore_command());
  return taken(outcome, "DEVICE CONFIGURATION RESTORE");
}

struct Opening {
  std::string_view kind;
  std::string (*open)(AtaLink&, const AtaIdentify&);
};
constexpr std::array kOpenings{
    Opening{"hpa", lift_host_protected},
    Opening{"amac", lift_accessible_max},
    Opening{"dco", restore_overlay},
};

// A drive takes one change of its size in each power cycle, and no overlay's restore after it.
constexpr std::string_view kPowerCycle =
    "what is left needs a power cycle: power the drive off and on, then try again";

}  // namespace

AtaCommand read_native_max_command(bool is_extended) {
  return asking_registers(is_extended ? kReadNativeMaxExt : kReadNativeMax, is_extended);
}

AtaCommand set_max_command(bool is_extended, std::uint64_t last_block) {
  AtaCommand command = asking_registers(is_extended ? kSetMaxExt : kSetMax, is_extended);
  command.count = kForGood;
  command.lba = last_block;
  return command;
}

AtaCommand get_native_max_command() {
  AtaCommand command = asking_registers(kAccessibleMax, true);
  command.feature = kGetNativeMax;
  return command;
}

AtaCommand set_accessible_max_command(std::uint64_t last_block) {
  AtaCommand command = asking_registers(kAccessibleMax, true);
  command.feature = kSetAccessibleMax;
  command.lba = last_block;
  return command;
}

AtaCommand overlay_identify_command() {
  AtaCommand command;
  command.command = kOverlay;
  command.feature = kOverlayIdentify;
  command.count = 1;
  command.protocol = AtaProtocol::pio_in;
  return command;
}

AtaCommand overlay_restore_command() {
  AtaCommand command = asking_registers(kOverlay, false);
  command.feature = kOverlayRestore;
  return command;
}

std::optional<std::uint64_t> decode_overlay(Answered bytes) {
  constexpr std::uint8_t kChecksumValid = 0xA5;
  if (bytes.size() < kAtaBlockBytes) return std::nullopt;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kAtaBlockBytes; ++i) sum += byte_at(bytes, i);
  // Word 255 always carries a sum here (ATA8-ACS).
  if (byte_at(bytes, 510) != kChecksumValid || (sum & 0xFFU) != 0) return std::nullopt;
  return little_endian(bytes, 6, 8);
}

HiddenAreaFacts read_ata_hidden_area(AtaLink& link) {
  const auto answer = read_identify(link);
  if (answer) return read_with(link, answer->identify);
  HiddenAreaFacts unknown;
  unknown.why = answer.error().what;
  return unknown;
}

Result<HiddenAreaFacts> restore_ata_hidden_area(AtaLink& link) {
  const auto answer = read_identify(link);
  if (!answer) return answer.error();
  const HiddenAreaFacts before = read_with(link, answer->identify);
  if (before.present != Answer::yes) return before;
  std::string refused;
  for (const Opening& row : kOpenings) {
    if (!hides(before, row.kind)) continue;
    const std::string why = row.open(link, answer->identify);
    if (!why.empty()) add_sentence(refused, why);
  }
  HiddenAreaFacts after = read_ata_hidden_area(link);
  if (!refused.empty()) add_sentence(after.why, refused);
  if (after.present == Answer::yes) add_sentence(after.why, kPowerCycle);
  return after;
}

}  // namespace quietus
