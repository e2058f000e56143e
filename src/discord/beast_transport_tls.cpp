#include "discord/beast_transport_tls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace dbcord::discord {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

ssl::context make_tls_context(const std::string& extra_authorities) {
  ssl::context context(ssl::context::tls_client);
  if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
    throw boost::system::system_error(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
  }
  context.set_default_verify_paths();
  if (!extra_authorities.empty()) context.add_certificate_authority(asio::buffer(extra_authorities));
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

void expect_host(tls_stream& stream, const std::string& host) {
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  // Server name indication is for names only (RFC 6066, 3).
  if (not_an_address && SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) != 1) {
    throw boost::system::system_error(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
  }
  stream.set_verify_callback(ssl::host_name_verification(host));
}

std::string tls_failure_text(tls_stream& stream, const boost::system::error_code& ec) {
  auto verdict = SSL_get_verify_result(stream.native_handle());
  if (verdict != X509_V_OK) return std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verdict);
  return ec.message();
}

}  // namespace dbcord::discord
