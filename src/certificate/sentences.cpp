// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences that a certificate carries, as tables. No JSON here.
#include "certificate/sentences.h"

#include <algorithm>
#include <array>

#include "quietus/certificate.h"

namespace quietus {
namespace {

struct RecipeRow {
  std::string_view keystream;
  std::string_view how;
};

constexpr std::array kRecipes{
    RecipeRow{"aes_256_ctr",
              "AES-256 in counter mode over zeros. The counter block at byte offset o, a multiple "
              "of 16, is the item number (64 bits, big endian; 0 for a drive or an image) and "
              "then o / 16 (64 bits, big endian): head -c LENGTH /dev/zero | openssl enc "
              "-aes-256-ctr -K KEY_HEX -iv COUNTER_BLOCK_HEX"},
    RecipeRow{"chacha20",
              "ChaCha20 over zeros. The IV at byte offset o, a multiple of 64, is o / 64 (64 bits, "
              "little endian) and then the item number (64 bits, little endian; 0 for a drive or "
              "an image): head -c LENGTH /dev/zero | openssl enc -chacha20 -K KEY_HEX -iv "
              "IV_HEX"},
};

constexpr std::string_view kNothingCompared =
    "Nothing was read back and compared. Any write that did not reach the medium would have been "
    "missed.";
constexpr std::string_view kThroughCache =
    "At least a part was read back through the operating system's cache. A write that was taken "
    "but did not reach the medium would have been missed.";
constexpr std::string_view kDirect =
    "What was compared was read back past the file system's cache, from the block device that it "
    "lies on. Old data in places that the file system or the device no longer addresses (copies, "
    "remapped and spare blocks), and a device that answers from a cache of its own (a loop device "
    "over a cached file, a virtual disk, a controller), would have been missed.";

constexpr std::string_view kSampled =
    "Only a sample was compared, past the file system's cache. Wrong content in a smaller share "
    "than "
    "the sample tells, and whatever a full comparison misses (places that the file system or the "
    "device no longer addresses, a device that answers from a cache of its own), would have been "
    "missed.";

struct MeaningRow {
  Outcome outcome;
  std::string_view meaning;
};

// By outcome where a drive's own method was used; the others say the same of every method.
constexpr std::array kOfFirmware{
    MeaningRow{
        Outcome::sanitized,
        "The drive reported that its method ended well, and nothing that was looked at on it "
        "afterwards speaks against that"},
    MeaningRow{
        Outcome::unverified,
        "Not shown to be sanitized: the drive says too little, or too little could be looked "
        "at afterwards"},
    MeaningRow{
        Outcome::interrupted,
        "Stopped before its end was seen; the drive may go on by itself, and data may remain"},
    MeaningRow{Outcome::verification_failed,
               "What was read afterwards speaks against what the drive reported: data remains"},
    MeaningRow{Outcome::failed,
               "Could not be carried out, or the drive reported that it failed; data remains"},
};
constexpr MeaningRow kKeyErased{
    Outcome::sanitized,
    "The key slots and the header were destroyed and compared, and no other header was found; that "
    "this makes the data unreadable rests on what was declared of its keys"};

constexpr std::string_view kNotReported =
    "The drive did not report success, so nothing is verified. Data that was left would have been "
    "missed.";
constexpr std::string_view kNotReportedAndSurvived =
    "The drive did not report success, and canaries survived: data remains.";
constexpr std::string_view kReportAlone =
    "The drive's own report is all there is: no canaries were planted. A drive that reports "
    "success "
    "and keeps data would have been missed.";
constexpr std::string_view kCanariesNotChecked =
    "Reported by the drive, but not all of the canaries could be looked at afterwards. Data that "
    "was left where they lay, or in spare areas, would have been missed.";
constexpr std::string_view kSurvived =
    "Canaries survived: the drive reported success and kept data. More may be left than was read.";
constexpr std::string_view kGoneButNotVerified =
    "Reported by the drive, and none of the canaries survived; but not everything that has to hold "
    "for it does, so it is not verified. The exceptions and remarks say what.";
constexpr std::string_view kKeysLooked =
    "The header was overwritten and compared, and the target searched for other headers. Copies of "
    "the header or of keys elsewhere (backups, detached headers, escrow), and old key slots in "
    "remapped and spare blocks, would have been missed.";
constexpr std::string_view kKeysNotLooked =
    "Not all of the header was compared, or not all of the target searched. Headers and key slots "
    "that were left would have been missed.";

bool ended_well(const Evidence& evidence) {
  return evidence.outcome == Outcome::sanitized ||
         evidence.outcome == Outcome::sanitized_with_exceptions;
}

std::string of_canaries(const DriveCanaries& canaries, bool verified) {
  if (canaries.survived_blocks > 0) return std::string(kSurvived);
  const bool all = canaries.planted_blocks > 0 && canaries.unreadable_blocks == 0 &&
                   canaries.checked_blocks == canaries.planted_blocks;
  if (!all) return std::string(kCanariesNotChecked);
  if (!verified) return std::string(kGoneButNotVerified);
  return "Verified by the drive's own report and by " + std::to_string(canaries.planted_blocks) +
         " canaries of which none survived; the drive's firmware is trusted for spare areas.";
}

std::string of_keys(const KeyEvidence& keys) {
  const bool looked = keys.overwritten_bytes > 0 && keys.searched_bytes > 0 &&
                      keys.compared_bytes >= keys.overwritten_bytes && keys.headers_left == 0;
  return std::string(looked ? kKeysLooked : kKeysNotLooked);
}

std::string of_firmware(const FirmwareEvidence& firmware, bool ended_well) {
  constexpr std::string_view kSucceeded = "succeeded";  // name_of(OperationState)
  if (firmware.keys) return of_keys(*firmware.keys);
  const bool survived = firmware.canaries && firmware.canaries->survived_blocks > 0;
  if (firmware.reported != kSucceeded) {
    return std::string(survived ? kNotReportedAndSurvived : kNotReported);
  }
  if (!firmware.canaries) return std::string(kReportAlone);
  return of_canaries(*firmware.canaries, ended_well && firmware.sent && !firmware.reset_seen);
}

std::string_view of_passes(const Evidence& evidence, bool compared) {
  if (!compared) return kNothingCompared;
  if (evidence.sampling && evidence.cache_bypass == CacheBypass::direct_io) return kSampled;
  return evidence.cache_bypass == CacheBypass::direct_io ? kDirect : kThroughCache;
}

}  // namespace

std::string_view how_to_recompute(std::string_view keystream) {
  const auto* const row =
      std::find_if(kRecipes.begin(), kRecipes.end(),
                   [&](const RecipeRow& recipe) { return recipe.keystream == keystream; });
  return row == kRecipes.end() ? std::string_view() : row->how;
}

std::string would_have_missed(const Evidence& evidence) {
  const bool compared = std::any_of(evidence.passes.begin(), evidence.passes.end(),
                                    [](const PassEvidence& pass) { return pass.verified; });
  if (!evidence.firmware) return std::string(of_passes(evidence, compared));
  std::string text = of_firmware(*evidence.firmware, ended_well(evidence));
  if (compared) text += " Of the passes: " + std::string(of_passes(evidence, compared));
  return text;
}

std::string_view meaning_of(const Evidence& evidence) {
  const OutcomeRow& general = row_of(evidence.outcome);
  if (!evidence.firmware) return general.sentence;
  if (evidence.firmware->keys && evidence.outcome == kKeyErased.outcome) return kKeyErased.meaning;
  const auto* const row =
      std::find_if(kOfFirmware.begin(), kOfFirmware.end(),
                   [&](const MeaningRow& one) { return one.outcome == evidence.outcome; });
  return row == kOfFirmware.end() ? general.sentence : row->meaning;
}

}  // namespace quietus
