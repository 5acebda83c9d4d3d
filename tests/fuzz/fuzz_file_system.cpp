// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: what file systems tell of themselves. The first byte chooses the decoder.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "linux/btrfs_items.h"
#include "linux/extended_attributes.h"
#include "linux/space_facts.h"

namespace {

void decode(unsigned choice, std::span<const std::byte> bytes, std::string_view text) {
  constexpr std::uint64_t kRange = 1U << 24;  // bounds the number of pieces
  switch (choice) {
    case 0:
      if (const auto chunk = quietus::btrfs::parse_chunk(4096, bytes)) {
        static_cast<void>(quietus::btrfs::map_range(*chunk, {8192, kRange}));
      }
      break;
    case 1:
      static_cast<void>(quietus::btrfs::parse_file_extent(bytes));
      break;
    case 2:
      static_cast<void>(quietus::btrfs::parse_volume(256, bytes));
      static_cast<void>(quietus::btrfs::parse_volume_name(bytes));
      break;
    case 3:
      static_cast<void>(quietus::btrfs::parse_found(bytes, 1000));
      break;
    case 4:
      static_cast<void>(quietus::parse_jbd2_info(text));
      static_cast<void>(quietus::parse_log_sequence(text, 1U << 26));
      break;
    default:
      static_cast<void>(quietus::parse_ext4_journal(text));
      static_cast<void>(quietus::attribute_names(text));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size)).subspan(1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  decode(data[0] % 6U, bytes, text);
  return 0;
}
