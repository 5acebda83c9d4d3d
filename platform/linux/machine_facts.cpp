// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what the machine and the account say of themselves.
#include "linux/machine_facts.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <pwd.h>
#include <sys/utsname.h>
#include <tuple>
#include <unistd.h>

#include "posix/text_file.h"

namespace quietus {
namespace {

constexpr std::size_t kMachineIdDigits = 32;
constexpr std::uint64_t kNoLogin = 4294967295;  // the kernel's "not set", (uid_t)-1
constexpr std::size_t kLargestAccountBytes = std::size_t{1} << 20;

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != value.back() ||
      (value.front() != '"' && value.front() != '\'')) {
    return std::string(value);
  }
  const bool literal = value.front() == '\'';
  value = value.substr(1, value.size() - 2);
  std::string plain;
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '\\' && !literal && at + 1 < value.size()) ++at;
    plain.push_back(value[at]);
  }
  return plain;
}

std::string text_or_empty(const std::string& path) {
  Result<std::string> text = read_text(path);
  return text ? std::move(*text) : std::string();
}

std::string operating_system() {
  for (const char* const path : {"/etc/os-release", "/usr/lib/os-release"}) {
    std::string name = pretty_name(text_or_empty(path));
    if (!name.empty()) return name;
  }
  return {};
}

std::string user_name(uid_t uid) {
  for (std::vector<char> room(4096); room.size() <= kLargestAccountBytes;
       room.resize(room.size() * 2)) {
    passwd entry{};
    passwd* found = nullptr;
    const int code = ::getpwuid_r(uid, &entry, room.data(), room.size(), &found);
    if (code == 0 && found != nullptr) return entry.pw_name;
    if (code != ERANGE) break;
  }
  return {};
}

}  // namespace

std::string pretty_name(std::string_view os_release) {
  constexpr std::string_view kKey = "PRETTY_NAME=";
  for (const std::string_view line : split(os_release, '\n')) {
    const std::string_view found = trimmed(line);
    if (found.substr(0, kKey.size()) == kKey) return unquoted(found.substr(kKey.size()));
  }
  return {};
}

std::string valid_machine_id(std::string_view text) {
  const std::string_view id = trimmed(text);
  const bool hex = id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return hex && id.size() == kMachineIdDigits ? std::string(id) : std::string();
}

bool is_kernel_since(std::string_view release, unsigned major, unsigned minor) {
  const std::size_t end = release.find_first_not_of("0123456789.");
  const std::vector<std::string_view> parts = split(release.substr(0, end), '.');
  const auto first = decimal(parts[0]);
  const auto second = parts.size() > 1 ? decimal(parts[1]) : std::nullopt;
  if (!first || !second) return false;
  return std::tuple(*first, *second) >= std::tuple<std::uint64_t, std::uint64_t>(major, minor);
}

std::vector<std::string> swap_paths(std::string_view swaps) {
  std::vector<std::string> paths;
  for (const std::string_view line : split(swaps, '\n')) {
    const std::vector<std::string_view> fields = words(line);
    // The first line is a heading; paths are absolute.
    if (!fields.empty() && fields[0].front() == '/') {
      paths.push_back(without_octal_escapes(fields[0]));
    }
  }
  return paths;
}

Machine machine_facts() {
  Machine machine;
  utsname names{};
  if (::uname(&names) == 0) {
    machine.host_name = &names.nodename[0];
    machine.kernel = std::string(&names.sysname[0]) + " " + &names.release[0];
  }
  machine.os = operating_system();
  machine.id = valid_machine_id(text_or_empty("/etc/machine-id"));
  machine.boot_id = trimmed(text_or_empty("/proc/sys/kernel/random/boot_id"));
  return machine;
}

Account account_facts(const SystemFolders& folders) {
  Account account;
  account.uid = ::geteuid();
  account.user = user_name(::geteuid());
  const std::string login = text_or_empty(folders.proc + "/self/loginuid");
  const auto login_uid = decimal(trimmed(login));
  if (login_uid && *login_uid != kNoLogin) account.login_uid = *login_uid;
  const char* const sudo_user = std::getenv("SUDO_USER");
  if (sudo_user != nullptr) account.sudo_user = sudo_user;
  return account;
}

}  // namespace quietus
