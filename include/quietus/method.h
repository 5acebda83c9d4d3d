// SPDX-License-Identifier: GPL-3.0-or-later
// Method: by what means a medium is sanitized: through the host, by the drive's own commands, or by
// the destruction of a key.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace quietus {

enum class Method {
  overwrite,           ///< passes through the host
  sanitize_crypto,     ///< ATA CRYPTO SCRAMBLE EXT, SCSI and NVMe sanitize with crypto erase
  sanitize_block,      ///< ATA BLOCK ERASE EXT, SCSI and NVMe block erase, eMMC erase and sanitize
  sanitize_overwrite,  ///< ATA OVERWRITE EXT, SCSI and NVMe overwrite
  secure_erase,        ///< ATA SECURITY ERASE UNIT (enhanced where there is one), eMMC secure erase
  format,              ///< NVMe Format with SES 1 or 2, SCSI FORMAT UNIT
  key_erase,           ///< the key slots and the header of a LUKS volume
  opal_psid,           ///< TCG Opal: revert with the PSID from the label
};

/// In certificates and JSON: "sanitize_block".
[[nodiscard]] std::string_view name_of(Method method);
/// By its name, or as the command line spells it ("sanitize-block").
[[nodiscard]] std::optional<Method> method_from(std::string_view name);
/// In the order of the enumerators.
[[nodiscard]] std::span<const Method> all_methods();
/// One that the drive's own firmware carries out.
[[nodiscard]] bool is_firmware(Method method);
/// One of the three sanitize operations: it takes all of the medium, whatever of it can be
/// addressed.
[[nodiscard]] bool is_sanitize(Method method);
/// As the command line spells it: "sanitize-block".
[[nodiscard]] std::string option_word(Method method);

}  // namespace quietus
