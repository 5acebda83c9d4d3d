// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences that a certificate carries, as tables. No JSON here.
#include "certificate/sentences.h"

#include <algorithm>
#include <array>

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

}  // namespace

std::string_view how_to_recompute(std::string_view keystream) {
  const auto* const row =
      std::find_if(kRecipes.begin(), kRecipes.end(),
                   [&](const RecipeRow& recipe) { return recipe.keystream == keystream; });
  return row == kRecipes.end() ? std::string_view() : row->how;
}

std::string_view would_have_missed(const Evidence& evidence) {
  const bool compared = std::any_of(evidence.passes.begin(), evidence.passes.end(),
                                    [](const PassEvidence& pass) { return pass.verified; });
  if (!compared) return kNothingCompared;
  if (evidence.sampling && evidence.cache_bypass == CacheBypass::direct_io) return kSampled;
  return evidence.cache_bypass == CacheBypass::direct_io ? kDirect : kThroughCache;
}

}  // namespace quietus
