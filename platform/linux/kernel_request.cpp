// SPDX-License-Identifier: GPL-3.0-or-later
// Memory for requests, and what the kernel's refusals mean.
#include "linux/kernel_request.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <utility>

#include "linux/mmc_transport.h"
#include "linux/nvme_transport.h"
#include "linux/opal_transport.h"
#include "linux/scsi_transport.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::size_t kMostData = std::size_t{16} << 20U;
constexpr std::string_view kSend = "send a command to";

// ENOTSUPP of the kernel's own linux/errno.h, which sed-opal hands out (block/sed-opal.c).
constexpr int kNotSupported = 524;

// What a device that does not know the request answers: the block layer ENOTTY, loop EINVAL.
constexpr std::array kUnknownRequest = {ENOTTY, EINVAL, EOPNOTSUPP, ENOSYS, kNotSupported};

struct Make {
  std::uint32_t timeout_ms;
  Result<std::unique_ptr<KernelRequest>> operator()(const ScsiCommand& command) const {
    return scsi_request(command, timeout_ms);
  }
  Result<std::unique_ptr<KernelRequest>> operator()(const NvmeCommand& command) const {
    return nvme_request(command, timeout_ms);
  }
  Result<std::unique_ptr<KernelRequest>> operator()(const MmcCommand& command) const {
    return mmc_request(command, timeout_ms);
  }
  Result<std::unique_ptr<KernelRequest>> operator()(const OpalCommand& command) const {
    return opal_request(command);
  }
};

}  // namespace

Result<RequestMemory> RequestMemory::make(const CommandData& data) {
  if (!data.out.empty() && data.in_bytes > 0) return no_such_request("data both ways");
  const std::size_t data_bytes = std::max(data.out.size(), data.in_bytes);
  if (data_bytes > kMostData) return no_such_request("more than 16 MiB of data");
  const std::size_t bytes = kFrameBytes + data_bytes;
  void* const pages =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) {  // NOLINT(performance-no-int-to-ptr)
    return Error{Errc::io, errno, "no memory for a command to a drive", {}};
  }
  RequestMemory memory({static_cast<std::byte*>(pages), bytes}, data_bytes);
  std::copy(data.out.begin(), data.out.end(), memory.data().begin());
  return memory;
}

RequestMemory::RequestMemory(RequestMemory&& other) noexcept
    : pages_(std::exchange(other.pages_, {})), data_bytes_(other.data_bytes_) {}

RequestMemory::~RequestMemory() {
  if (pages_.empty()) return;
  ::explicit_bzero(pages_.data(), kFrameBytes);  // it may hold a PSID
  ::munmap(pages_.data(), pages_.size());
}

RequestEnd KernelRequest::send(int descriptor) const {
  const int returned = ::ioctl(descriptor, request_, memory_.frame());
  return {returned, returned < 0 ? errno : 0};
}

Bytes KernelRequest::arrived(std::size_t bytes) const {
  const std::span<const std::byte> data = memory_.data();
  const std::span<const std::byte> part = data.first(std::min(bytes, data.size()));
  return {part.begin(), part.end()};
}

Result<std::unique_ptr<KernelRequest>> kernel_request(const DeviceCommand& command) {
  return std::visit(Make{command.timeout_ms}, command.what);
}

Error request_refused(int code, std::string_view shown) {
  if (std::find(kUnknownRequest.begin(), kUnknownRequest.end(), code) != kUnknownRequest.end()) {
    return unsupported(kSend, shown, "the system has no such commands for it");
  }
  Error failure = posix_error(kSend, shown, code);
  if (failure.code == Errc::permission) {
    failure.hint = "commands to a drive need root";
    return failure;
  }
  failure.code = Errc::io;
  failure.what += "; what became of it is not known";
  return failure;
}

Error command_lost(std::string_view shown, std::string_view why) {
  std::string what = "cannot tell what became of a command to ";
  return {Errc::io, 0, what.append(shown).append(": ").append(why), {}};
}

Error no_such_request(std::string_view why) {
  return {Errc::invalid, 0, std::string("no such command to a drive: ").append(why), {}};
}

}  // namespace quietus
