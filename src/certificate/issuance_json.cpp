// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a statement that say who made it, where and with what: the same in every kind of
// statement. Reads nothing, signs nothing.
#include "certificate/issuance_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/declarations_json.h"
#include "quietus/digest.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

#include "certificate/redaction.h"

namespace quietus {

using Json = nlohmann::ordered_json;

void put_known(Json& object, const std::string& key, const std::string& text) {
  if (!text.empty()) put_text(object, key, text);
}

std::string_view name_of(ClockState state) {
  constexpr std::array<std::string_view, 3> kNames{"synchronised", "unsynchronised", "unknown"};
  return kNames.at(static_cast<std::size_t>(state));
}

// The machine's id is confidential (machine-id(5)); its digest tells machines apart as well.
Json json_of(const Machine& machine) {
  Json out = Json::object();
  put_known(out, "host_name", machine.host_name);
  put_known(out, "os", machine.os);
  put_known(out, "kernel", machine.kernel);
  if (machine.id.empty()) {
    out["machine_id_absent"] = true;
  } else {
    out["machine_id_sha256"] = to_hex(sha256(bytes_of("quietus-machine-v1\n" + machine.id + "\n")));
  }
  return out;
}

Json json_of(const Account& account) {
  Json out = {{"uid", json_number(account.uid)}};
  put_known(out, "user", account.user);
  if (account.login_uid) out["login_uid"] = json_number(*account.login_uid);
  put_known(out, "sudo_user", account.sudo_user);
  return out;
}

Json tool_of(const Issuance& issuance) {
  Json out = {{"name", "quietus"}, {"version", issuance.tool_version}};
  if (issuance.tool_sha256.empty()) {
    out["sha256_absent"] = true;
  } else {
    out["sha256"] = issuance.tool_sha256;
  }
  return out;
}

Json people_of(const Issuance& issuance) {
  Json out = Json::array();
  for (const Signer& signer : issuance.signers) {
    Json person = {{"role", name_of(signer.role)}, {"key_id", signer.key_id}};
    Json details = json_of(signer.person);
    if (details.empty()) put_known(details, "name", signer.name);
    if (!details.empty()) person["person"] = std::move(details);
    out.push_back(std::move(person));
  }
  return out;
}

Json key_custody_of(const Issuance& issuance) {
  return {{"host_binding", issuance.host_bound ? "machine_id" : "none"},
          {"machine_key", "unencrypted on this machine"},
          {"state_folder", issuance.state_is_volatile ? "volatile" : "lasting"}};
}

Statement finished(Json statement, const Issuance& issuance) {
  Statement out;
  out.disclosures = take_redactable(statement, issuance.disclosure_seed);
  out.body = statement.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return out;
}

}  // namespace quietus
