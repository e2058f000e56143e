#pragma once
// database_administration: what the engine offers, beside rows and tables, to those who administer whole databases. One interface for each concern, each
// in a header of its own, so that a change of one is no change of the engine's. Any executor.

#include "database/column_alterations.hpp"
#include "database/command_outcomes.hpp"
#include "database/database_copies.hpp"
#include "database/database_figures.hpp"
#include "database/database_lifecycle.hpp"
#include "database/deletion_policies.hpp"
#include "database/index_channel_views.hpp"
#include "database/row_thread_views.hpp"
#include "database/table_moves.hpp"

namespace dbcord::database {

class database_administration : public database_copies,
                                public figure_source,
                                public deletion_policies,
                                public database_lifecycle,
                                public column_alterations,
                                public row_thread_views,
                                public index_channel_views,
                                public table_moves,
                                public command_outcomes {};

}  // namespace dbcord::database
