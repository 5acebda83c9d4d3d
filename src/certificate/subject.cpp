// SPDX-License-Identifier: GPL-3.0-or-later
// The subject of a statement: by what name and digest the destroyed thing goes. No JSON here.
#include "certificate/subject.h"

#include <string_view>

#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus {
namespace {

std::string_view last_component(std::string_view path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string_view::npos) return path;
  path = path.substr(0, end + 1);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string subject_name(const Target& target) {
  if (target.kind == TargetKind::files || target.roots.empty()) return "file set";
  const std::string_view name = last_component(target.roots.front().path);
  return is_utf8(name) ? std::string(name) : escaped(name);
}

std::string subject_digest(const Target& target) {
  std::string text = "quietus-subject-v1\n";
  text.append(name_of(target.kind)).append("\n");
  for (const Root& root : target.roots) {
    text += escaped(root.path) + "\n";
    text += std::to_string(root.identity.device) + "\n";
    text += std::to_string(root.identity.inode) + "\n";
    text += std::to_string(root.size_bytes) + "\n";
    if (!root.device) continue;
    for (const std::string& word :
         {root.device->vendor, root.device->model, root.device->serial, root.device->wwn}) {
      text += escaped(word) + "\n";
    }
  }
  return to_hex(sha256(bytes_of(text)));
}

}  // namespace quietus
