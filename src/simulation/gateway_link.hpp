#pragma once
// gateway_link: one gateway connection through the simulated network, and simulated_stream, the client's handle on it.
// Frames travel with latency and in order in each direction. The network may lose the connection at any time: with both
// sides told, or silently (half open: whatever is sent vanishes, until somebody's heartbeat timeout finds out).
// The network keeps the link alive until the guild has been told of its end. One thread (the world's).

#include <deque>

#include "actor/event.hpp"
#include "simulation/network.hpp"

namespace dbcord::simulation {

class gateway_link final : public frame_sink, public std::enable_shared_from_this<gateway_link> {
 public:
  gateway_link(network& net, std::string who) : net_(net), who_(std::move(who)) {}

  void connect(std::string_view query);
  void take(guild::outgoing_frame frame) override;

  // The client's side.
  void client_sends(std::string text);
  void client_closes(int code, std::string reason);
  void client_vanishes();
  bool ended() const { return client_closed_; }
  guild::connection_id id() const { return id_; }
  // The connection breaks, if it is there.
  void lose();
  actor::task<discord::stream_event> next();

 private:
  void deliver(discord::stream_event event);
  // The guild knows this connection.
  bool connected() const { return net_.links_.contains(this); }
  void plan_loss();
  base::duration in_order(base::steady_time& last);

  network& net_;
  std::string who_;
  guild::connection_id id_ = 0;
  std::deque<discord::stream_event> inbox_;
  actor::event arrived_;
  base::steady_time last_up_{};
  base::steady_time last_down_{};
  bool silent_ = false;
  bool client_closed_ = false;
};

class simulated_stream final : public discord::event_stream {
 public:
  explicit simulated_stream(std::shared_ptr<gateway_link> link) : link_(std::move(link)) {}
  ~simulated_stream() override { link_->client_vanishes(); }
  actor::task<discord::stream_event> receive() override { return link_->next(); }
  actor::task<base::result<void>> send(std::string text) override;
  actor::task<void> close(int code, std::string reason) override;

 private:
  std::shared_ptr<gateway_link> link_;
};

}  // namespace dbcord::simulation
