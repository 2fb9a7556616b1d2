#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"
#include "core/net/transport.hpp"

namespace phusa {

Result<bool> Phone::may_send_to(const std::string& url) {
  if (!is_unprotected(url)) return true;
  PHUSA_ASSIGN(const auto allowed, store_->get(meta::kInsecureUrl));
  return allowed == url;
}

Result<void> Phone::allow_insecure(const std::string& url) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(store_->put(meta::kInsecureUrl, url));
  return transaction.commit();
}

}  // namespace phusa
