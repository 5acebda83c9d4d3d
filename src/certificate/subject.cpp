// SPDX-License-Identifier: GPL-3.0-or-later
// The subject of a statement: by what name and digest the destroyed thing goes. No JSON here.
#include "certificate/subject.h"

#include <array>

#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::size_t kSaltBytes = 16;

std::string lines_of_drive(const Root& root) {
  std::string text;
  for (const std::string& word :
       {root.device->vendor, root.device->model, root.device->serial, root.device->wwn}) {
    text += escaped(word) + "\n";
  }
  return text + std::to_string(root.size_bytes) + "\n";
}

std::string lines_of_place(const Root& root) {
  return escaped(root.path) + "\n" + std::to_string(root.identity.device) + "\n" +
         std::to_string(root.identity.inode) + "\n" + std::to_string(root.size_bytes) + "\n";
}

}  // namespace

std::string subject_name(const Target& target, const std::string& tag) {
  constexpr std::array<const char*, 4> kNames{"file set", "disk image", "drive", "free space"};
  return tag.empty() ? kNames.at(static_cast<std::size_t>(target.kind)) : tag;
}

std::string subject_salt(std::span<const std::byte> seed) {
  std::string text = "quietus-subject-salt-v1";
  text.push_back('\0');
  const Digest digest = sha256(bytes_of(text + text_of(seed)));
  return to_hex(std::span(digest).first<kSaltBytes>());
}

std::string subject_digest(const Target& target, std::string_view salt) {
  std::string text = "quietus-subject-v2\n";
  text.append(salt).append("\n").append(name_of(target.kind)).append("\n");
  for (const Root& root : target.roots) {
    text += root.device ? lines_of_drive(root) : lines_of_place(root);
  }
  return to_hex(sha256(bytes_of(text)));
}

}  // namespace quietus
