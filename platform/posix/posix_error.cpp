// SPDX-License-Identifier: GPL-3.0-or-later
// The table from errno to Errc.
#include "posix/posix_error.h"

#include <array>
#include <system_error>

namespace quietus {
namespace {

struct Row {
  int code;
  Errc kind;
};

constexpr std::array kKinds = {
    Row{ENOENT, Errc::not_found},     Row{ENOTDIR, Errc::not_found},
    Row{EEXIST, Errc::exists},        Row{ENOTEMPTY, Errc::exists},
    Row{EACCES, Errc::permission},    Row{EPERM, Errc::permission},
    Row{EROFS, Errc::read_only},      Row{ETXTBSY, Errc::busy},
    Row{EBUSY, Errc::busy},           Row{EAGAIN, Errc::busy},
    Row{ENOSPC, Errc::no_space},      Row{EDQUOT, Errc::no_space},
    Row{ELOOP, Errc::unsupported},    Row{EOPNOTSUPP, Errc::unsupported},
    Row{ENOSYS, Errc::unsupported},   Row{ENOTTY, Errc::unsupported},
    Row{EISDIR, Errc::unsupported},   Row{EINVAL, Errc::invalid},
    Row{ENAMETOOLONG, Errc::invalid}, Row{EFBIG, Errc::invalid},
    Row{EMLINK, Errc::busy},          Row{EXDEV, Errc::unsupported},
};

Errc kind_of(int code) {
  for (const Row& row : kKinds) {
    if (row.code == code) return row.kind;
  }
  return Errc::io;
}

std::string sentence(std::string_view operation, std::string_view object, std::string_view why) {
  std::string text = "cannot ";
  text.append(operation);
  if (!object.empty()) text.append(" ").append(object);
  return text.append(": ").append(why);
}

}  // namespace

Error posix_error(std::string_view operation, std::string_view object, int code) {
  // generic_category and not strerror: the latter shares a buffer between threads.
  return {
      kind_of(code), code, sentence(operation, object, std::generic_category().message(code)), {}};
}

Error unsupported(std::string_view operation, std::string_view object, std::string_view why) {
  return {Errc::unsupported, 0, sentence(operation, object, why), {}};
}

}  // namespace quietus
