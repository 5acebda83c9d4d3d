// SPDX-License-Identifier: GPL-3.0-or-later
// Finds schemes: built-in, of a file, or of the folders for schemes of one's own.
#include "cli/scheme_lookup.h"

#include <algorithm>

#include "cli/records.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxSchemeBytes = 64 << 10;
constexpr const char* kSystemFolder = "/etc/quietus/schemes";
constexpr const char* kEnding = ".toml";

/// As root only the system's folder counts: what others can write must not decide what root
/// destroys with.
std::vector<std::string> scheme_folders(Platform& platform) {
  std::vector<std::string> folders{kSystemFolder};
  if (platform.account().uid == 0) return folders;
  const auto base = platform.environment("XDG_CONFIG_HOME");
  const auto home = platform.environment("HOME");
  if (base && base->starts_with('/')) {
    folders.push_back(join(*base, "quietus/schemes"));
  } else if (home && home->starts_with('/')) {
    folders.push_back(join(*home, ".config/quietus/schemes"));
  }
  return folders;
}

Result<Scheme> scheme_from_file(Platform& platform, const std::string& path) {
  const Result<std::string> text = read_text(platform, path, kMaxSchemeBytes);
  if (!text) return text.error();
  return scheme_from_toml(*text, path);
}

}  // namespace

Result<Scheme> scheme_by_id(const std::string& id, Platform& platform) {
  Result<Scheme> built_in = find_scheme(id);
  if (built_in || id.find('/') != std::string::npos) return built_in;
  for (const std::string& folder : scheme_folders(platform)) {
    const std::string path = join(folder, id + kEnding);
    Result<Scheme> own = scheme_from_file(platform, path);
    if (!own && own.error().code == Errc::not_found) continue;
    if (own && own->id != id) {
      std::string what = path;
      what.append(": id: expected \"").append(id).append("\", as the file is called");
      return Error{Errc::malformed, 0, what};
    }
    return own;
  }
  return built_in;
}

Result<Scheme> chosen_scheme(const Options& options, Platform& platform) {
  if (!options.scheme_file.empty()) return scheme_from_file(platform, options.scheme_file);
  return scheme_by_id(options.scheme, platform);
}

std::vector<Scheme> custom_schemes(Platform& platform, std::vector<Error>& problems) {
  std::vector<Scheme> found;
  for (const std::string& folder : scheme_folders(platform)) {
    auto directory = platform.open_directory(folder);
    if (!directory) continue;
    while (true) {
      const auto entry = (*directory)->next_entry();
      if (!entry || !*entry) break;
      if (!(*entry)->name.ends_with(kEnding)) continue;
      Result<Scheme> scheme = scheme_from_file(platform, join(folder, (*entry)->name));
      if (scheme) {
        found.push_back(std::move(*scheme));
      } else {
        problems.push_back(scheme.error());
      }
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Scheme& a, const Scheme& b) { return a.id < b.id; });
  return found;
}

}  // namespace quietus::cli
