// SPDX-License-Identifier: GPL-3.0-or-later
// Identifiers: of a certificate, and of the program itself.
#include "cli/identifiers.h"

#include <array>
#include <vector>

#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus::cli {

std::string make_uuid_v7(Time time, Random& random) {
  std::array<std::byte, 16> bits{};
  static_cast<void>(random.fill(bits).ok());
  const auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  for (std::size_t i = 0; i < 6; ++i) {
    bits[i] = static_cast<std::byte>(milliseconds >> (40 - 8 * i) & 0xff);
  }
  bits[6] = (bits[6] & std::byte{0x0f}) | std::byte{0x70};
  bits[8] = (bits[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text = to_hex(bits);
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, "-");
  return text;
}

std::string digest_of_program(Platform& platform) {
  const Result<std::string> path = platform.program_path();
  if (!path) return {};
  Result<Location> location = platform.locate(*path);
  if (!location) return {};
  auto program = location->directory->open_at(location->name, Access::read);
  if (!program) return {};
  Sha256 digest;
  std::vector<std::byte> piece(std::size_t{256} << 10);
  std::uint64_t offset = 0;
  while (true) {
    const Result<std::size_t> got = (*program)->read_at(piece, offset, Transfer::buffered);
    if (!got) return {};
    if (*got == 0) return to_hex(digest.finish());
    digest.update(std::span(piece).first(*got));
    offset += *got;
  }
}

}  // namespace quietus::cli
