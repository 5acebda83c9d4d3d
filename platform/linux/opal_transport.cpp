// SPDX-License-Identifier: GPL-3.0-or-later
// opal_status and opal_key (linux/sed-opal.h) there and back.
#include "linux/opal_transport.h"

#include <algorithm>
#include <linux/sed-opal.h>
#include <sys/ioctl.h>

namespace quietus {
namespace {

// IOC_OPAL_GET_STATUS of linux/sed-opal.h of Linux 6.1; given here because older headers lack it.
struct StatusFrame {
  std::uint32_t flags;
  std::uint32_t reserved;
};
constexpr unsigned long kGetStatus = _IOR('p', 236, StatusFrame);

class OpalRequest final : public KernelRequest {
 public:
  OpalRequest(OpalCommand::What what, RequestMemory memory)
      : KernelRequest(what == OpalCommand::What::status ? kGetStatus : IOC_OPAL_PSID_REVERT_TPR,
                      std::move(memory)),
        what_(what) {}

  Result<DeviceReply> reply(const RequestEnd& end, std::string_view shown) const override {
    // Negative: errno. Positive: the status of the method (block/opal_proto.h).
    if (end.returned < 0) return request_refused(end.code, shown);
    OpalReply reply;
    reply.result = end.returned;
    if (what_ == OpalCommand::What::status) reply.flags = memory().as<StatusFrame>().flags;
    return DeviceReply(reply);
  }

 private:
  const OpalCommand::What what_;
};

}  // namespace

Result<std::unique_ptr<KernelRequest>> opal_request(const OpalCommand& command) {
  Result<RequestMemory> memory = RequestMemory::make({});
  if (!memory) return memory.error();
  if (command.what == OpalCommand::What::psid_revert) {
    auto& key = memory->as<opal_key>();
    if (command.psid.empty() || command.psid.size() >= sizeof key.key) {
      return no_such_request("a PSID of that length");
    }
    key.key_len = static_cast<std::uint8_t>(command.psid.size());
    std::copy(command.psid.begin(), command.psid.end(), &key.key[0]);
  }
  return std::unique_ptr<KernelRequest>(
      std::make_unique<OpalRequest>(command.what, *std::move(memory)));
}

}  // namespace quietus
