// SPDX-License-Identifier: GPL-3.0-or-later
// Manifest: a line for every entry of a file set, folded into an RFC 6962 root.
#include "engine/manifest.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus {

Status Manifest::add(const std::string& path, std::uint64_t item, std::uint64_t bytes,
                     Outcome outcome) {
  std::array<std::byte, 16> salt{};
  if (Status filled = random_.fill(salt); !filled) return filled;
  nlohmann::ordered_json line;
  line["salt"] = to_hex(salt);
  put_text(line, "path", path);
  line["item"] = item;
  line["bytes"] = bytes;
  line["outcome"] = row_of(outcome).name;
  const std::string text = to_line(line);
  tree_.append(leaf_hash(bytes_of(text)));
  return file_ ? write(text + "\n") : Status();
}

Status Manifest::write(const std::string& line) {
  std::span<const std::byte> rest = bytes_of(line);
  while (!rest.empty()) {
    const Result<std::size_t> taken = file_->write_at(rest, offset_, Transfer::buffered);
    if (!taken) return taken.error().in("cannot write the manifest");
    if (*taken == 0) return Error{Errc::io, 0, "the manifest takes no more bytes"};
    offset_ += *taken;
    rest = rest.subspan(*taken);
  }
  return {};
}

}  // namespace quietus
