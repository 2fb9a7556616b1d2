/* The narrow door of Phù Sa: eight functions, every platform binds to these and to proto/phusa/v1/client.proto.
 *
 * Requests and responses are protobuf bytes. Input is borrowed for the call; output belongs to the caller until
 * phusa_free. A handle may be used from several threads. Nothing throws, nothing waits for a network: a sync is
 * METHOD_SYNC_START, then phusa_next_event yields HTTP requests, which the host performs and answers with
 * phusa_transport_event.
 */
#ifndef PHUSA_H
#define PHUSA_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PHUSA_API __attribute__((visibility("default")))
#else
#define PHUSA_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a message or a method changes its meaning; phusa_open refuses a caller built with another one. */
#define PHUSA_API_VERSION 4u

typedef struct phusa_handle phusa_handle;

typedef struct phusa_buffer {
  uint8_t* data;
  size_t size;
} phusa_buffer;

/* Every function that returns an int returns 0, or the ErrorCode, with an ErrorReply in *out (where it has one). */

/* request: OpenRequest. *handle is set on success only. */
PHUSA_API int phusa_open(const uint8_t* request, size_t size, phusa_handle** handle, phusa_buffer* out);
PHUSA_API void phusa_close(phusa_handle* handle);

/* A short local transaction. Never waits for a running sync. */
PHUSA_API int phusa_call(phusa_handle* handle, uint32_t method, const uint8_t* request, size_t size, phusa_buffer* out);

/* The next Event; an empty buffer when there is none now. */
PHUSA_API int phusa_next_event(phusa_handle* handle, phusa_buffer* out);

/* event: TransportEvent. */
PHUSA_API int phusa_transport_event(phusa_handle* handle, const uint8_t* event, size_t size, phusa_buffer* out);

/* Ends a running sync or join; its Finished says "cancelled". What was acknowledged stays acknowledged. */
PHUSA_API void phusa_cancel(phusa_handle* handle);

PHUSA_API void phusa_free(phusa_buffer* buffer);

/* "0.1.0" */
PHUSA_API const char* phusa_version(void);

#ifdef __cplusplus
}
#endif

#endif
