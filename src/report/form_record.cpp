// SPDX-License-Identifier: GPL-3.0-or-later
// The record itself: ids, keys, ledger, receipts, what is withheld, and how to check it without us.
#include "quietus/text.h"

#include "report/form_document.h"

namespace quietus::report {
namespace {

constexpr std::string_view kOpensslRecipe =
    "b() { jq -r \"$1\" cert.json; }\n"
    "b .payload | base64 -d > body; t=$(b .payloadType)\n"
    "{ printf 'DSSEv1 %d %s %d ' ${#t} \"$t\" $(wc -c <body); cat body; } > pae\n"
    "b '.signatures[0].sig' | base64 -d > sig\n"
    "openssl pkeyutl -verify -pubin -inkey machine.pem -rawin -in pae -sigfile sig\n"
    "sha256sum pae   # the digest of this record\n";
constexpr std::string_view kSshRecipe =
    "jq -j '[.attachments[] | select(startswith(\"-----BEGIN SSH\"))][0]' cert.json > body.sig\n"
    "ssh-keygen -Y verify -f allowed_signers -I NAME -n quietus-machine -s body.sig < body\n";
constexpr std::string_view kSignifyRecipe =
    "quietus certificate unpack cert.json --out DIR   # re-wraps the signatures, without any key\n"
    "signify-openbsd -V -p machine.pub -x DIR/signer-0.sig -m DIR/pae\n";
constexpr std::string_view kPageRecipe = "sed -n 's/^<template [^>]*>//p' page.html > cert.json\n";

FormSection keys_section(const FormDocument& document, const FormJson& json) {
  FormSection section{"record", "Record and keys", {}, {}, {}, {}};
  section.add("Certificate", document.id);
  section.add("Digest (SHA-256 of what was signed)", document.digest);
  for (std::size_t i = 0; i < json.count("/predicate/people"); ++i) {
    const std::string place = "/predicate/people/" + std::to_string(i);
    section.add("Key of the " + json.text_or_empty(place + "/role"),
                json.text_or_empty(place + "/key_id"));
  }
  section.add("Machine's key", json.text_or_empty("/predicate/key_custody/machine_key"));
  section.add("Bound to the host by",
              in_words(json.text_or_empty("/predicate/key_custody/host_binding")));
  section.add("State folder", in_words(json.text_or_empty("/predicate/key_custody/state_folder")));
  section.add("Ledger", json.text_or_empty("/predicate/ledger/origin"));
  section.add("Ledger entry of the start", json.text_or_empty("/predicate/ledger/run_event_index"));
  return section;
}

/// Of a receipt (c2sp.org/tlog-proof@v1): the line "index N", and after an empty line the note.
struct ReceiptParts {
  std::string index;
  std::string checkpoint;
};

ReceiptParts parts_of(std::string_view text) {
  ReceiptParts parts;
  const std::size_t border = text.find("\n\n");
  if (border != std::string_view::npos) parts.checkpoint = text.substr(border + 2);
  for (auto line = take_line(text); line && !line->empty(); line = take_line(text)) {
    constexpr std::string_view kIndex = "index ";
    if (line->starts_with(kIndex)) parts.index = line->substr(kIndex.size());
  }
  return parts;
}

FormSection receipt_section(const FormSource& source) {
  FormSection section{"receipt", "Receipt", {}, {}, {}, {}};
  section.in_text = false;
  const Result<FormJson> envelope = FormJson::from(source.envelope);
  const std::size_t receipts = envelope ? envelope->count("/receipts") : 0;
  if (receipts == 0) {
    section.paragraphs.emplace_back(
        "There is no receipt. Nothing shows that the ledger holds this record.");
    return section;
  }
  section.paragraphs.emplace_back(
      "A receipt shows that the ledger holds this record under the checkpoint below. By itself it "
      "proves order, not time. Keep the checkpoint's lines: they show later that the ledger was "
      "not rewritten.");
  for (std::size_t i = 0; i < receipts; ++i) {
    const ReceiptParts parts = parts_of(envelope->text_or_empty("/receipts/" + std::to_string(i)));
    section.add("Entry", parts.index);
    section.verbatim.push_back(parts.checkpoint);
  }
  return section;
}

/// "/predicate/people/0/person" -> "people, 0, person"
std::string place_in_words(std::string place) {
  constexpr std::string_view kStart = "/predicate/";
  if (place.starts_with(kStart)) place.erase(0, kStart.size());
  std::string out;
  for (const char c : place) {
    if (c == '/') {
      out += ", ";
    } else {
      out += c == '_' ? ' ' : c;
    }
  }
  return out;
}

FormSection withheld_section(const FormJson& json) {
  FormSection section{"withheld", "What is withheld", {}, {}, {}, {}};
  const std::vector<std::string> places = json.withheld();
  if (places.empty()) {
    section.paragraphs.emplace_back("Nothing that was signed is withheld from this copy.");
    return section;
  }
  section.paragraphs.emplace_back(
      "Whoever passed this copy on took these out. The signatures still hold over their digests.");
  FormTable table{"Withheld", {"Place", "Shown as"}, {}};
  for (const std::string& place : places) {
    table.rows.push_back({place_in_words(place), std::string(kWithheld)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

FormSection check_section() {
  FormSection section{"check", "Check it without us", {}, {}, {}, {}};
  section.in_text = false;
  section.paragraphs.emplace_back(
      "Get the public key from a source that you trust, never from this page. Take the record out "
      "of the page:");
  section.verbatim.emplace_back(kPageRecipe);
  section.paragraphs.emplace_back(
      "Then any of these will do: OpenSSL 3 with jq; OpenSSH; signify. Or quietus itself, "
      "\"quietus certificate verify FILE --trust KEYS\", or its verifier page, which works without "
      "a network.");
  section.verbatim.emplace_back(kOpensslRecipe);
  section.verbatim.emplace_back(kSshRecipe);
  section.verbatim.emplace_back(kSignifyRecipe);
  return section;
}

}  // namespace

void add_record_sections(FormDocument& document, const FormJson& json, const FormSource& source) {
  document.sections.push_back(keys_section(document, json));
  document.sections.push_back(receipt_section(source));
  document.sections.push_back(withheld_section(json));
  document.sections.push_back(check_section());
}

}  // namespace quietus::report
