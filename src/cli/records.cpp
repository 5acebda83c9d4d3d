// SPDX-License-Identifier: GPL-3.0-or-later
// Records: the files that the tool itself reads and writes. Never used on a target.
#include "cli/records.h"

#include <algorithm>
#include <array>
#include <vector>

#include "quietus/text.h"

namespace quietus::cli {
namespace {

constexpr std::uint32_t kPrivateFolder = 0700;
constexpr std::uint32_t kRecordFile = 0644;
constexpr const char* kProbePrefix = ".quietus-space-";

Result<std::string> read_all(Medium& medium, std::uint64_t max_bytes) {
  std::string text;
  std::vector<std::byte> piece(64 << 10);
  while (true) {
    const Result<std::size_t> got = medium.read_at(piece, text.size(), Transfer::buffered);
    if (!got) return got.error();
    if (*got == 0) return text;
    text += text_of(std::span(piece).first(*got));
    if (text.size() > max_bytes) {
      return Error{Errc::invalid, 0, "longer than " + human_bytes(max_bytes)};
    }
  }
}

}  // namespace

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty() || folder.ends_with('/')) return folder + name;
  return folder + "/" + name;
}

Result<std::unique_ptr<Directory>> ensure_directory_at(Directory& parent, const std::string& name) {
  const Status made = parent.make_directory_at(name, kPrivateFolder);
  if (!made && made.error().code != Errc::exists) return made.error();
  // What is recorded in it is only as durable as its name.
  if (Status synced = made ? parent.sync() : Status(); !synced) return synced.error();
  return parent.open_directory_at(name);
}

Result<std::unique_ptr<Directory>> ensure_directory(Platform& platform, const std::string& path) {
  auto opened = platform.open_directory(path);
  if (opened || opened.error().code != Errc::not_found) return opened;
  const std::size_t slash = path.find_last_not_of('/') == std::string::npos
                                ? std::string::npos
                                : path.rfind('/', path.find_last_not_of('/'));
  if (slash != std::string::npos && slash > 0) {
    auto above = ensure_directory(platform, path.substr(0, slash));
    if (!above) return above;
  }
  Result<Location> location = platform.locate(path);
  if (!location) return location.error();
  return ensure_directory_at(*location->directory, location->name);
}

Result<std::string> read_text(Directory& directory, const std::string& name,
                              std::uint64_t max_bytes) {
  auto medium = directory.open_at(name, Access::read);
  if (!medium) return medium.error();
  return read_all(**medium, max_bytes);
}

Result<std::string> read_text(Platform& platform, const std::string& path,
                              std::uint64_t max_bytes) {
  Result<Location> location = platform.locate(path);
  if (!location) return location.error();
  Result<std::string> text = read_text(*location->directory, location->name, max_bytes);
  if (!text) return text.error().in(path);
  return text;
}

Status write_all(Medium& medium, std::span<const std::byte> data, std::uint64_t offset) {
  while (!data.empty()) {
    const Result<std::size_t> taken = medium.write_at(data, offset, Transfer::buffered);
    if (!taken) return taken.error();
    if (*taken == 0) return Error{Errc::io, 0, "no more bytes are taken"};
    offset += *taken;
    data = data.subspan(*taken);
  }
  return {};
}

Status write_new_file(Directory& directory, const std::string& name, std::string_view text) {
  const std::string draft = "." + name + ".tmp";
  auto medium = directory.create_at(draft, kRecordFile);
  if (!medium) return medium.error();
  Status written = write_all(**medium, bytes_of(text), 0);
  if (written) written = (*medium)->flush();
  if (written) written = directory.rename_at(draft, name);
  if (!written) {
    static_cast<void>(directory.unlink_at(draft).ok());
    return written;
  }
  return directory.sync();
}

Status try_to_write(Directory& directory, const RoomNeeded& room, Random& random) {
  std::array<std::byte, 8> suffix{};
  if (Status filled = random.fill(suffix); !filled) return filled;
  const std::vector<std::byte> filler(room.bytes, std::byte{0x51});
  std::vector<std::unique_ptr<Medium>> held;  // until the end: each keeps its inode
  for (std::size_t number = 0; number < room.files; ++number) {
    const std::string name = kProbePrefix + to_hex(suffix) + "-" + std::to_string(number);
    auto medium = directory.create_at(name, kRecordFile);
    if (!medium) return medium.error();
    // Before it is filled, so that a run that is killed leaves nothing behind.
    if (Status removed = directory.unlink_at(name); !removed) return removed;
    held.push_back(std::move(*medium));
  }
  if (Status written = write_all(*held.front(), filler, 0); !written) return written;
  return held.front()->flush();
}

}  // namespace quietus::cli
