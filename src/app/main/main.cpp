#include "app/run.hpp"

int main(int argc, char** argv) { return dbcord::app::run(argc, argv); }
