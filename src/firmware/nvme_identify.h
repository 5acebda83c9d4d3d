// SPDX-License-Identifier: GPL-3.0-or-later
// What an NVMe controller and a namespace say of themselves (NVM Express 1.3, 5.15).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quietus/drive_abilities.h"
#include "quietus/medium.h"
#include "quietus/result.h"

namespace quietus::nvme {

/// Identify Controller data structure, figure 109.
struct Controller {
  std::uint16_t vendor_id = 0;  ///< PCI
  std::string serial;
  std::string model;
  std::string firmware;
  std::string serial_field;  ///< with blanks in front of it
  std::string model_field;
  std::uint16_t controller_id = 0;
  std::uint32_t version = 0;        ///< VER: 00010300h is 1.3; 0: before 1.2
  bool has_format = false;          ///< OACS bit 1
  bool manages_namespaces = false;  ///< OACS bit 3
  bool crypto_sanitize = false;
  bool block_sanitize = false;
  bool overwrite_sanitize = false;
  bool no_deallocate_inhibited = false;  ///< SANICAP bit 29
  std::uint32_t namespaces = 0;          ///< NN
  bool format_hits_all = false;          ///< FNA bit 0
  bool erase_hits_all = false;           ///< FNA bit 1
  bool crypto_format = false;            ///< FNA bit 2
};

/// Errors: malformed (cut short).
[[nodiscard]] Result<Controller> controller_from(std::span<const std::byte> bytes);

/// What a read of a deallocated block gives: DLFEAT 2:0.
enum class Deallocated { not_told, zeros, ones };

/// Identify Namespace data structure, figure 114.
struct Namespace {
  std::uint64_t blocks = 0;
  std::uint32_t block_bytes = 0;
  std::uint32_t metadata_bytes = 0;
  std::uint32_t format_index = 0;         ///< of the LBA format in use
  bool extended_metadata = false;         ///< FLBAS bit 4
  std::uint32_t protection_type = 0;      ///< DPS 2:0
  bool protection_first = false;          ///< DPS bit 3
  bool shared = false;                    ///< NMIC bit 0
  bool format_runs = false;               ///< FPI: some percent are left
  std::uint32_t format_left_percent = 0;  ///< then
  Deallocated deallocated = Deallocated::not_told;
  std::string nguid;  ///< hex; empty: none
  std::string eui64;

  [[nodiscard]] std::uint64_t size_bytes() const { return blocks * block_bytes; }
};

/// Errors: malformed (cut short, or a format that can't be: no blocks of 512 bytes to 1 MiB).
[[nodiscard]] Result<Namespace> namespace_from(std::span<const std::byte> bytes);

/// The UUID of a namespace among its identification descriptors (figure 116), in the canonical
/// form; empty: none.
[[nodiscard]] std::string uuid_from(std::span<const std::byte> descriptors);
/// As the system prints a namespace's wwid (Linux drivers/nvme/host/sysfs.c).
[[nodiscard]] std::string wwn_of(const Controller& controller, const Namespace& space,
                                 const std::string& uuid, std::uint32_t namespace_id);

/// Asked through the descriptor. Errors: as ask().
[[nodiscard]] Result<Bytes> read_controller(Medium& drive);
[[nodiscard]] Result<Bytes> read_namespace(Medium& drive, std::uint32_t namespace_id);

/// Every namespace that is allocated in the subsystem, whether or not it is attached to this
/// controller (CNS 10h), in order. Only of controllers that manage namespaces. Errors: as ask().
[[nodiscard]] Result<std::vector<std::uint32_t>> read_allocated(Medium& drive);

[[nodiscard]] Result<DriveIdentity> read_identity(Medium& drive);

}  // namespace quietus::nvme
