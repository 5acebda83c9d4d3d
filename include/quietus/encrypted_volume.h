// SPDX-License-Identifier: GPL-3.0-or-later
// EncryptedVolume: what the header of an encrypted volume says (LUKS). Never a key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quietus/extent.h"

namespace quietus {

struct EncryptedVolume {
  std::string type;  ///< "LUKS1", "LUKS2"
  std::string uuid;
  std::string label;   ///< empty: none
  std::string cipher;  ///< "aes-xts-plain64"
  std::uint32_t key_bits = 0;
  std::vector<int> key_slots;     ///< those in use
  Extent header;                  ///< headers and key slots with all their copies, up to the data
  std::uint64_t data_offset = 0;  ///< in bytes, where the encrypted data begin
  bool detached = false;          ///< the data lie on another device than this header
};

}  // namespace quietus
