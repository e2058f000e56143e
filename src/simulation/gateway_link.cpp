#include "simulation/gateway_link.hpp"

namespace dbcord::simulation {

void gateway_link::connect(std::string_view query) {
  net_.links_.emplace(this, shared_from_this());
  id_ = net_.guild_.connect(query, *this);
  plan_loss();
}

// A latency that does not overtake what was sent before.
base::duration gateway_link::in_order(base::steady_time& last) {
  last = std::max(last, net_.world_.now() + net_.latency());
  return last - net_.world_.now();
}

void gateway_link::take(guild::outgoing_frame frame) {
  auto keep = shared_from_this();
  if (frame.close_code) net_.links_.erase(this);
  if (silent_) return;
  bool twice = frame.text.find("\"INTERACTION_CREATE\"") != std::string::npos &&
               net_.random_.unit() < net_.plan.interaction_twice;
  discord::stream_event event;
  if (frame.close_code) {
    event = discord::stream_closed{*frame.close_code, {}};
  } else {
    event = discord::stream_frame{false, std::move(frame.text)};
  }
  for (int i = 0; i < (twice ? 2 : 1); ++i) {
    net_.travel(in_order(last_down_), [keep, event] {
      if (!keep->silent_) keep->deliver(event);
    });
  }
}

void gateway_link::deliver(discord::stream_event event) {
  inbox_.push_back(std::move(event));
  arrived_.notify();
}

void gateway_link::client_sends(std::string text) {
  net_.travel(in_order(last_up_), [self = shared_from_this(), text = std::move(text)] {
    if (!self->silent_ && self->connected()) self->net_.guild_.receive(self->id_, text);
  });
}

void gateway_link::client_closes(int code, std::string reason) {
  if (std::exchange(client_closed_, true)) return;
  net_.travel(in_order(last_up_), [self = shared_from_this(), code] {
    if (self->silent_ || self->net_.links_.erase(self.get()) == 0) return;
    self->net_.guild_.disconnect(self->id_, code);
  });
  net_.travel(in_order(last_down_), [self = shared_from_this(), code, reason = std::move(reason)] {
    self->deliver(discord::stream_closed{code, reason});
  });
}

void gateway_link::client_vanishes() { client_closes(1006, {}); }

actor::task<discord::stream_event> gateway_link::next() {
  auto self = shared_from_this();
  while (inbox_.empty()) co_await arrived_.wait();
  auto event = std::move(inbox_.front());
  inbox_.pop_front();
  if (std::holds_alternative<discord::stream_closed>(event)) client_closed_ = true;
  co_return event;
}

void gateway_link::plan_loss() {
  if (net_.plan.drop_every <= base::duration::zero()) return;
  net_.world_.after(draw_exponential(net_.plan.drop_every, net_.random_), [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->lose();
  });
}

void gateway_link::lose() {
  if (!connected() || client_closed_) return;
  silent_ = net_.random_.unit() < net_.plan.drop_silently;
  ++net_.stats_.drops;
  net_.trace_.say("{} loses its gateway connection{}", who_, silent_ ? " and nobody is told" : "");
  if (silent_) return;
  net_.links_.erase(this);
  net_.guild_.disconnect(id_, 1006);
  deliver(discord::stream_closed{1006, "connection lost"});
}

actor::task<base::result<void>> simulated_stream::send(std::string text) {
  if (link_->ended()) co_return base::error(discord::transport_errc::interrupted, "the connection is closed");
  link_->client_sends(std::move(text));
  co_return base::result<void>();
}

actor::task<void> simulated_stream::close(int code, std::string reason) {
  link_->client_closes(code, std::move(reason));
  co_return;
}

}  // namespace dbcord::simulation
