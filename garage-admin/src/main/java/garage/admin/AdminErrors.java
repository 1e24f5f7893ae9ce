package garage.admin;

import garage.admin.api.AdminError;
import garage.common.error.GarageException;

/** What a failure of the system is called in the admin API, where no operation knows better. */
final class AdminErrors {
  private AdminErrors() {}

  static AdminError of(GarageException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure) {
      case GarageException.QuorumNotReached _,
          GarageException.TimedOut _,
          GarageException.Unreachable _,
          GarageException.Overloaded _,
          GarageException.Stale _,
          GarageException.Cancelled _ ->
          AdminError.serviceUnavailable(message);
      case GarageException.InvalidInput _, GarageException.Conflict _, GarageException.Missing _ ->
          AdminError.invalidRequest(message);
      case GarageException.Denied _ -> AdminError.accessDenied(message);
      case GarageException.StorageFull _ -> new AdminError("StorageFull", 507, message);
      case GarageException.Corrupt _, GarageException.StorageFailed _, GarageException.Internal _ ->
          AdminError.internalError(message);
    };
  }
}
