// The part of gateway_actor that moves frames: one coroutine each for connecting and listening, writing,
// hanging up.

#include "discord/gateway_actor_impl.hpp"

namespace dbcord::discord {

namespace gd = protocol::gateway_do;

void gateway_actor::impl::carry_out(gd::open& a) {
  link_ = std::make_shared<link>();
  tasks_.spawn(executor(), connect(shared_from_this(), link_, std::move(a.url)));
}

void gateway_actor::impl::carry_out(gd::send& a) {
  if (!link_ || !link_->stream) return;
  link_->outbox.push_back(std::move(a.text));
  if (!std::exchange(link_->writing, true)) tasks_.spawn(executor(), write(shared_from_this(), link_));
}

void gateway_actor::impl::carry_out(gd::close& a) {
  if (!link_ || !link_->stream) return;
  tasks_.spawn(executor(), hang_up(shared_from_this(), link_, a.code));
}

gateway_actor::impl::task<void> gateway_actor::impl::connect(self_ptr self, link_ptr to, std::string url) {
  auto deadline = self->env().after(self->connect_timeout_);
  auto stream = co_await self->net_.open(std::move(url), deadline);
  if (self->over_ || self->link_ != to) co_return;  // nobody wants it any more: dropped
  if (!stream) {
    self->feed(self->session_.connect_failed(stream.error().message, self->time()));
    co_return;
  }
  to->stream = std::move(*stream);
  self->feed(self->session_.connected(self->time()));
  co_await listen(self, to);
}

gateway_actor::impl::task<void> gateway_actor::impl::listen(self_ptr self, link_ptr from) {
  for (;;) {
    auto event = co_await from->stream->receive();
    bool current = !self->over_ && self->link_ == from;
    if (auto* closed = std::get_if<stream_closed>(&event)) {
      if (current) self->feed(self->session_.closed(closed->code, self->time()));
      co_return;
    }
    auto& frame = std::get<stream_frame>(event);
    if (current && !frame.binary) self->feed(self->session_.received(frame.data, self->time()));
  }
}

// A send that fails is not judged here: the pending receive() says that the connection is gone.
gateway_actor::impl::task<void> gateway_actor::impl::write(self_ptr self, link_ptr to) {
  while (!to->outbox.empty()) {
    auto text = std::move(to->outbox.front());
    to->outbox.pop_front();
    auto sent = co_await to->stream->send(std::move(text));
    if (sent.has_error()) {
      self->env().log.warning("gateway send failed", {{"error", sent.error().message}});
      break;
    }
  }
  to->writing = false;
}

gateway_actor::impl::task<void> gateway_actor::impl::hang_up(self_ptr, link_ptr to, int code) {
  co_await to->stream->close(code, "");
}

}  // namespace dbcord::discord
