// SPDX-License-Identifier: GPL-3.0-or-later
// Records: the files that the tool itself reads and writes. Never used on a target.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "quietus/platform.h"
#include "quietus/result.h"
#include "quietus/seams.h"

namespace quietus::cli {

/// Opens a folder; makes it (0700), and what is missing above it, where it is not there.
[[nodiscard]] Result<std::unique_ptr<Directory>> ensure_directory(Platform& platform,
                                                                  const std::string& path);
[[nodiscard]] Result<std::unique_ptr<Directory>> ensure_directory_at(Directory& parent,
                                                                     const std::string& name);

/// The whole text of a file. Errors: too long (invalid), and as opening and reading have them.
[[nodiscard]] Result<std::string> read_text(Directory& directory, const std::string& name,
                                            std::uint64_t max_bytes);
[[nodiscard]] Result<std::string> read_text(Platform& platform, const std::string& path,
                                            std::uint64_t max_bytes);

/// Writes a new file under a temporary name, makes it durable, and gives it its name, which must be
/// free.
[[nodiscard]] Status write_new_file(Directory& directory, const std::string& name,
                                    std::string_view text);

/// What a run's records need.
struct RoomNeeded {
  std::uint64_t bytes = 0;
  std::size_t files = 1;  ///< at least 1
};

/// Finds out whether there is room here, by making such files without names and giving them up
/// again.
[[nodiscard]] Status try_to_write(Directory& directory, const RoomNeeded& room, Random& random);

/// Writes all of it at the offset.
[[nodiscard]] Status write_all(Medium& medium, std::span<const std::byte> data,
                               std::uint64_t offset);

/// The folder's path and a name in it.
[[nodiscard]] std::string join(const std::string& folder, const std::string& name);

}  // namespace quietus::cli
