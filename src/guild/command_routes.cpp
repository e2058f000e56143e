// Application commands, global and of the guild (facts 4.8). The guild form has the guild as second
// parameter.

#include <algorithm>
#include <boost/json.hpp>

#include "guild/command_form.hpp"
#include "guild/json_read.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t chat_input_max = 100, context_menu_max = 15;  // a scope

// Where the path points: /applications/{app}/commands… or /applications/{app}/guilds/{g}/commands…
struct place {
  command_scope scope;
  std::size_t id_parameter;  // of the command, if the path has one
};

outcome<place> read_place(const world& w, const call& c, bool with_id) {
  auto app = c.id<base::application_id>(0, "application_id");
  if (!app) return app.error();
  if (*app != w.state.application()) return errors::unknown_application();
  std::size_t rest = c.parameters.size() - 1 - (with_id ? 1 : 0);
  if (rest == 0) return place{command_scope::global, 1};
  if (auto ok = need_guild(w, c, 1); !ok) return ok.error();
  return place{command_scope::guild, 2};
}

std::vector<app_command> copy_commands(const world& w, command_scope scope) {
  return w.state.commands(scope);
}

outcome<std::size_t> find_index(const world& w, const call& c, place where) {
  auto id = c.id<base::command_id>(where.id_parameter, "command_id");
  if (!id) return id.error();
  auto& all = w.state.commands(where.scope);
  auto found = std::find_if(all.begin(), all.end(), [&](auto& command) { return command.id == *id; });
  if (found == all.end()) return errors::unknown_command();
  return static_cast<std::size_t>(found - all.begin());
}

outcome<void> check_counts(const std::vector<app_command>& commands) {
  for (int type : {1, 2, 3}) {
    auto count = std::count_if(commands.begin(), commands.end(), [&](auto& c) { return c.type == type; });
    if (static_cast<std::size_t>(count) > (type == 1 ? chat_input_max : context_menu_max)) {
      return api_error{400, 30032, "Maximum number of application commands reached"};
    }
  }
  return {};
}

reply list_reply(const world& w, command_scope scope) {
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto& command : w.state.commands(scope)) write_command(j, w.state, command, scope);
  j.end_array();
  return reply::json(std::move(text));
}

reply command_reply(const world& w, const app_command& command, command_scope scope, int status) {
  std::string text;
  json_writer j(text);
  write_command(j, w.state, command, scope);
  return reply::json(std::move(text), status);
}

// The id (and, if nothing changed, the version) of a former command with that name and type; else new ones.
void identify(world& w, app_command& command, const std::vector<app_command>& former) {
  auto same = [&](const app_command& f) { return f.name == command.name && f.type == command.type; };
  auto found = std::find_if(former.begin(), former.end(), same);
  command.id = found != former.end() ? found->id : w.durable_id<base::command_id>();
  bool unchanged = found != former.end() && found->definition == command.definition;
  command.version = unchanged ? found->version : w.durable_id<base::command_id>().value;
}

}  // namespace

outcome<reply> list_commands(world& w, const call& c) {
  auto where = read_place(w, c, false);
  if (!where) return where.error();
  return list_reply(w, where->scope);
}

outcome<reply> get_command(world& w, const call& c) {
  auto where = read_place(w, c, true);
  if (!where) return where.error();
  auto index = find_index(w, c, *where);
  if (!index) return index.error();
  return command_reply(w, w.state.commands(where->scope)[*index], where->scope, 200);
}

outcome<reply> create_command(world& w, const call& c) {
  auto where = read_place(w, c, false);
  if (!where) return where.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  form_errors errors;
  auto command = read_command_form(*body, "", errors);
  if (!errors.empty()) return errors.take();
  auto commands = copy_commands(w, where->scope);
  identify(w, command, commands);
  auto old = std::find_if(commands.begin(), commands.end(), [&](auto& f) { return f.id == command.id; });
  bool is_new = old == commands.end();
  std::size_t index = static_cast<std::size_t>(old - commands.begin());
  if (is_new) {
    commands.push_back(std::move(command));
  } else {
    *old = std::move(command);
  }
  if (auto ok = check_counts(commands); !ok) return ok.error();
  w.store_commands(where->scope, std::move(commands));
  return command_reply(w, w.state.commands(where->scope)[index], where->scope, is_new ? 201 : 200);
}

outcome<reply> overwrite_commands(world& w, const call& c) {
  auto where = read_place(w, c, false);
  if (!where) return where.error();
  auto form = read_form(c.request);
  if (!form) return form.error();
  auto* list = form->payload.if_array();
  if (!list) return form_error("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
  if (list->size() > chat_input_max + 2 * context_menu_max) {
    return api_error{400, 30032, "Maximum number of application commands reached"};
  }
  form_errors errors;
  std::vector<app_command> commands;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto path = std::to_string(i);
    auto* o = (*list)[i].if_object();
    if (!o) {
      errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
      continue;
    }
    auto command = read_command_form(*o, path, errors);
    auto same = [&](auto& other) { return other.name == command.name && other.type == command.type; };
    if (std::any_of(commands.begin(), commands.end(), same)) {
      errors.add(path + ".name", "APPLICATION_COMMANDS_DUPLICATE_NAME",
                 "Application command names must be unique");
    }
    commands.push_back(std::move(command));
  }
  if (!errors.empty()) return errors.take();
  if (auto ok = check_counts(commands); !ok) return ok.error();
  for (auto& command : commands) identify(w, command, w.state.commands(where->scope));
  w.store_commands(where->scope, std::move(commands));
  return list_reply(w, where->scope);
}

outcome<reply> edit_command(world& w, const call& c) {
  auto where = read_place(w, c, true);
  if (!where) return where.error();
  auto index = find_index(w, c, *where);
  if (!index) return index.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto commands = copy_commands(w, where->scope);
  auto& old = commands[*index];
  auto merged = old.definition;
  for (auto& [key, value] : *body) {
    if (key != "type") merged[key] = value;
  }
  form_errors errors;
  auto command = read_command_form(merged, "", errors);
  if (!errors.empty()) return errors.take();
  for (auto& other : commands) {
    if (other.id != old.id && other.name == command.name && other.type == command.type) {
      return api_error{400, 40041, "An application command with that name already exists"};
    }
  }
  command.id = old.id;
  command.version = w.durable_id<base::command_id>().value;
  old = std::move(command);
  w.store_commands(where->scope, std::move(commands));
  return command_reply(w, w.state.commands(where->scope)[*index], where->scope, 200);
}

outcome<reply> delete_command(world& w, const call& c) {
  auto where = read_place(w, c, true);
  if (!where) return where.error();
  auto index = find_index(w, c, *where);
  if (!index) return index.error();
  auto commands = copy_commands(w, where->scope);
  commands.erase(commands.begin() + static_cast<std::ptrdiff_t>(*index));
  w.store_commands(where->scope, std::move(commands));
  return reply::empty();
}

}  // namespace dbcord::guild
