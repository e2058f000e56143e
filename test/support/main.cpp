#define BOOST_TEST_MODULE dbcord
#include <boost/test/unit_test.hpp>
