/* A stand-in for Cyrus SASL in statically linked jobs.
 *
 * librdkafka's archive refers to these nine symbols of libsasl2, which it needs for Kerberos only;
 * PLAIN, SCRAM and OAUTHBEARER are its own code. libsasl2 cannot be linked statically, so a static
 * job links this object instead: everything works but GSSAPI, which fails with the text below.
 * A dynamically linked job uses the real library and never sees this file.
 */
#include <stddef.h>

enum { kOk = 0, kNoMechanism = -4 };

static const char kNoKerberos[] =
    "Kerberos (GSSAPI) needs the dynamically linked build of the job";

typedef struct sasl_conn sasl_conn_t;

/* Called once per process with the first handle; a failure would refuse every handle. */
int sasl_client_init(const void *callbacks) {
  (void)callbacks;
  return kOk;
}

int sasl_client_new(const char *service, const char *server, const char *local_ip,
                    const char *remote_ip, const void *callbacks, unsigned flags,
                    sasl_conn_t **connection) {
  (void)service, (void)server, (void)local_ip, (void)remote_ip, (void)callbacks, (void)flags;
  *connection = NULL;
  return kNoMechanism;
}

int sasl_client_start(sasl_conn_t *connection, const char *mechanisms, void **prompts,
                      const char **out, unsigned *out_length, const char **chosen) {
  (void)connection, (void)mechanisms, (void)prompts, (void)chosen;
  *out = NULL;
  *out_length = 0;
  return kNoMechanism;
}

int sasl_client_step(sasl_conn_t *connection, const char *in, unsigned in_length, void **prompts,
                     const char **out, unsigned *out_length) {
  (void)connection, (void)in, (void)in_length, (void)prompts;
  *out = NULL;
  *out_length = 0;
  return kNoMechanism;
}

int sasl_listmech(sasl_conn_t *connection, const char *user, const char *prefix,
                  const char *separator, const char *suffix, const char **result,
                  unsigned *length, int *count) {
  (void)connection, (void)user, (void)prefix, (void)separator, (void)suffix;
  *result = "";
  if (length != NULL) *length = 0;
  if (count != NULL) *count = 0;
  return kOk;
}

int sasl_getprop(sasl_conn_t *connection, int property, const void **value) {
  (void)connection, (void)property;
  *value = NULL;
  return kNoMechanism;
}

const char *sasl_errstring(int code, const char *languages, const char **out_language) {
  (void)code, (void)languages;
  if (out_language != NULL) *out_language = "en";
  return kNoKerberos;
}

const char *sasl_errdetail(sasl_conn_t *connection) {
  (void)connection;
  return kNoKerberos;
}

void sasl_dispose(sasl_conn_t **connection) {
  if (connection != NULL) *connection = NULL;
}
