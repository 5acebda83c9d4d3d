// SPDX-License-Identifier: GPL-3.0-or-later
// LUKS volumes. The only user of libcryptsetup.
#pragma once

#include <cstdint>
#include <string>

#include "quietus/encrypted_volume.h"
#include "quietus/result.h"

namespace quietus {

/// An open block device: whatever becomes of its node, the library is led to this one.
struct LuksDevice {
  int descriptor = -1;
  std::uint64_t size_bytes = 0;
  std::string shown;
};

/// The volume whose header begins at the device's start. Repairs nothing. Errors: not_found (there
/// is none), malformed, io.
[[nodiscard]] Result<EncryptedVolume> read_luks(const LuksDevice& device);

/// Overwrites the material of every key slot in use and takes it out of the headers, then reads
/// anew that none is left. Errors: as read_luks, unsupported (it is being re-encrypted).
[[nodiscard]] Status destroy_luks_slots(const LuksDevice& device);

}  // namespace quietus
