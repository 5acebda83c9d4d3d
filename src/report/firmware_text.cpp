// SPDX-License-Identifier: GPL-3.0-or-later
// The words for what a drive's own method came to, line by line, and what to do next.
#include "report/firmware_text.h"

#include <algorithm>
#include <array>

#include "quietus/text.h"

namespace quietus {
namespace {

std::string in_words(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string number(std::uint64_t count) { return std::to_string(count); }

void add_report(std::vector<std::string>& lines, const FirmwareEvidence& firmware) {
  lines.push_back("  method: " + in_words(name_of(firmware.method)) +
                  (firmware.command.empty() ? "" : ": " + escaped(firmware.command)));
  if (!firmware.sent) {
    lines.emplace_back("  the command was never sent");
    return;
  }
  std::string line = "  sent: " + to_rfc3339(*firmware.sent);
  if (firmware.ended) line += ", ended: " + to_rfc3339(*firmware.ended);
  lines.push_back(line);
  if (firmware.reported.empty()) return;
  line = "  the drive reported: " + escaped(in_words(firmware.reported));
  if (!firmware.reported_text.empty()) line += ": " + escaped(firmware.reported_text);
  lines.push_back(line);
}

void add_canaries(std::vector<std::string>& lines, const DriveCanaries& canaries) {
  std::string line = "  canaries: " + number(canaries.planted_blocks) + " planted, ";
  if (canaries.checked_blocks == 0) {
    lines.push_back(line + "none of them looked at afterwards");
    return;
  }
  line += number(canaries.checked_blocks) + " looked at afterwards, ";
  line += canaries.survived_blocks == 0 ? "none survived"
                                        : number(canaries.survived_blocks) + " SURVIVED";
  if (canaries.unreadable_blocks > 0) {
    line += ", " + number(canaries.unreadable_blocks) + " could not be read";
  }
  lines.push_back(line);
}

void add_sample(std::vector<std::string>& lines, const AfterSample& sample) {
  std::string line = "  read afterwards: " + human_bytes(sample.read_bytes) +
                     (sample.whole_medium ? ", all of it" : ", a sample");
  if (!sample.looks.empty()) line += "; it holds " + escaped(in_words(sample.looks));
  if (sample.differing_bytes > 0) {
    line += "; " + number(sample.differing_bytes) + " bytes are not what the drive should give";
  }
  if (sample.unreadable_bytes > 0) {
    line += "; " + number(sample.unreadable_bytes) + " bytes could not be read";
  }
  lines.push_back(line);
}

std::string hidden_text(const HiddenAreaFacts& hidden) {
  if (hidden.present == Answer::no) return "none";
  std::string text = hidden.present == Answer::yes ? "there is one" : "not known";
  for (const std::string& kind : hidden.kinds) text += ", " + escaped(kind);
  return hidden.why.empty() ? text : text + ": " + escaped(hidden.why);
}

void add_keys(std::vector<std::string>& lines, const KeyEvidence& keys) {
  lines.push_back("  volume: " + escaped(keys.volume.type) + " " + escaped(keys.volume.uuid) +
                  ", key slots " + (keys.slots_destroyed ? "destroyed" : "NOT destroyed"));
  lines.push_back("  header: " + human_bytes(keys.overwritten_bytes) + " overwritten, " +
                  human_bytes(keys.compared_bytes) + " compared");
  lines.push_back("  searched for headers: " + human_bytes(keys.searched_bytes) + ", " +
                  number(keys.copies_found.size()) + " more found, " + number(keys.headers_left) +
                  " left");
}

struct HintRow {
  std::string_view code;
  std::string_view hint;  ///< DEVICE stands for the target
};

// In the order in which they matter.
constexpr std::array kHints{
    HintRow{"drive_left_locked",
            "the drive's password is still set; it is `quietus`, and the exact way to take it off "
            "stands above"},
    HintRow{"still_running",
            "the drive goes on by itself: `quietus status DEVICE --wait` waits for its end and "
            "finishes the record; never send another command meanwhile"},
    HintRow{"operation_unknown",
            "`quietus status DEVICE` asks again; if the drive never tells, use --method overwrite "
            "or destroy it"},
    HintRow{"left_in_failure_state",
            "the drive takes no reads or writes until a sanitize succeeds: run it again, or "
            "destroy it; `quietus status --exit-failure-mode DEVICE` lets it out unsanitized"},
    HintRow{"canary_survived",
            "the drive reports success and keeps data: do not trust its own methods; overwrite it "
            "and do not let it go, or destroy it"},
    HintRow{"never_ran",
            "the drive did not carry it out; use another method, or --method overwrite"},
    HintRow{"identity_changed",
            "another drive answers than the one that was planned; nothing was sent. `quietus list` "
            "shows what is attached"},
    HintRow{"command_refused",
            "`quietus list` shows what the drive offers and what stands against it"},
    HintRow{"operation_failed",
            "run it again, try another method, or destroy the drive physically"},
    HintRow{"canaries_unreadable",
            "what can't be read is not seen to be gone: --then-overwrite writes and reads it all"},
};

std::string addressed(std::string_view hint, const std::string& target) {
  constexpr std::string_view kDevice = "DEVICE";
  std::string text(hint);
  const std::size_t at = text.find(kDevice);
  return at == std::string::npos ? text : text.replace(at, kDevice.size(), escaped(target));
}

std::string counters_of(const DriveHealth& health) {
  std::string text;
  const auto add = [&text](const char* what, const auto& count, const char* unit) {
    if (!count) return;
    text.append(text.empty() ? "" : ", ").append(what).append(" ");
    text.append(std::to_string(*count)).append(unit);
  };
  add("reallocated", health.reallocated_sectors, "");
  add("pending", health.pending_sectors, "");
  add("media errors", health.media_errors, "");
  add("spare", health.available_spare_percent, " %");
  add("used", health.used_percent, " %");
  return text.empty() ? "no counters" : text;
}

bool is_told(const std::optional<DriveHealth>& health) { return health && !health->source.empty(); }

}  // namespace

void add_firmware(std::vector<std::string>& lines, const Evidence& evidence) {
  if (!evidence.firmware) return;
  const FirmwareEvidence& firmware = *evidence.firmware;
  add_report(lines, firmware);
  if (firmware.canaries) add_canaries(lines, *firmware.canaries);
  if (firmware.sample) add_sample(lines, *firmware.sample);
  if (firmware.keys) {
    add_keys(lines, *firmware.keys);
  } else {
    lines.push_back("  hidden area: " + hidden_text(firmware.hidden_after) +
                    (firmware.hidden_restored ? " (opened up)" : ""));
  }
}

void add_health(std::vector<std::string>& lines, const Evidence& evidence) {
  if (is_told(evidence.health_before)) {
    lines.push_back("  health before: " + counters_of(*evidence.health_before));
  }
  if (is_told(evidence.health_after)) {
    lines.push_back("  health after: " + counters_of(*evidence.health_after));
  }
}

std::vector<std::string> hints_of(const Evidence& evidence, const std::string& target) {
  std::vector<std::string> out;
  for (const HintRow& row : kHints) {
    const bool seen = std::any_of(evidence.facts.begin(), evidence.facts.end(),
                                  [&](const Fact& fact) { return fact.code == row.code; });
    if (seen) out.push_back(addressed(row.hint, target));
  }
  return out;
}

}  // namespace quietus
