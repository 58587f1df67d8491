package nl.eropaf.bench;

import java.util.ArrayList;
import java.util.List;
import nl.eropaf.ConsentOffer;
import nl.eropaf.Crisis;
import nl.eropaf.CrisisKind;
import nl.eropaf.Position;
import nl.eropaf.Signal;
import nl.eropaf.SignalKind;

/** What each creditor last said of each contract: the rules of risk/positions.py. */
final class Positions {
  private Positions() {}

  static Position of(Signal signal) {
    if (isClosed(signal.getKind())) {
      return closed(signal, signal.getKind());
    }
    Crisis crisis = signal.getCrisis();
    Position position = bare(signal, signal.getKind());
    position.setAmountCents(signal.getAmountCents());
    position.setMonthlyBillCents(signal.getMonthlyBillCents());
    position.setCrisis(crisis != null && crisis.getKind() != CrisisKind.END_OF_DELIVERY);
    position.setCrisisOn(crisis == null ? null : crisis.getOn());
    position.setArrearsSince(signal.getArrearsSince());
    position.setFirstVersion(signal.getVersion());
    position.setFirstCents(signal.getAmountCents());
    position.setCrisisKind(crisis == null ? null : crisis.getKind());
    position.setHandover(signal.getHandoverWish());
    var effort = signal.getOwnEffort();
    position.setAgreed(effort != null && effort.getOffer() == ConsentOffer.AGREED);
    return position;
  }

  static Position closed(Signal signal, SignalKind kind) {
    return bare(signal, kind);
  }

  private static Position bare(Signal signal, SignalKind kind) {
    Position position = new Position();
    position.setCreditor(signal.getCreditor());
    position.setContract(signal.getContract());
    position.setPartnerType(signal.getPartnerType());
    position.setKind(kind);
    position.setReportedAt(signal.getReportedAt());
    position.setVersion(signal.getVersion());
    position.setSignalId(signal.getSignalId());
    position.setResidentKey(signal.getResidentKey());
    return position;
  }

  /** Gives `positions` with `position` in its place, or the same object where nothing changes. */
  static List<Position> with(List<Position> positions, Position position) {
    for (int index = 0; index < positions.size(); index++) {
      Position standing = positions.get(index);
      int order = standing.getCreditor().compareTo(position.getCreditor());
      if (order == 0) {
        order = standing.getContract().compareTo(position.getContract());
      }
      if (order == 0) {
        boolean newer = compareAge(position, standing) > 0;
        if (!newer && !firstIsEarlier(position, standing)) {
          return positions;
        }
        List<Position> changed = new ArrayList<>(positions);
        changed.set(index, merged(newer ? position : standing, newer ? standing : position));
        return changed;
      }
      if (order > 0) {
        List<Position> changed = new ArrayList<>(positions);
        changed.add(index, position);
        return changed;
      }
    }
    List<Position> changed = new ArrayList<>(positions);
    changed.add(position);
    return changed;
  }

  static boolean isClosed(SignalKind kind) {
    return kind == SignalKind.PAID || kind == SignalKind.WITHDRAWN;
  }

  static boolean isOpen(Position position) {
    return !isClosed(position.getKind()) && position.getAmountCents() > 0;
  }

  /** Whether help is to be offered for the arrears, and their signal is young enough to count. */
  static boolean counts(Position position, int today, Policy policy) {
    boolean planned = position.getKind() == SignalKind.PLAN_AGREED && policy.planAgreedPercent == 0;
    return isOpen(position) && !planned && today < staleOn(position, policy);
  }

  static int staleOn(Position position, Policy policy) {
    int validDays = policy.partners.get(position.getPartnerType()).validDays();
    return policy.dayOf(position.getReportedAt()) + validDays;
  }

  /** Whether no minimum holds: something threatens or ends, or the resident wants help. */
  static boolean isExempt(Position position) {
    boolean wished = position.getHandover() || position.getAgreed();
    return position.getCrisis() || position.getCrisisKind() != null || wished;
  }

  static int compareAge(Position one, Position other) {
    int order = Long.compare(one.getVersion(), other.getVersion());
    if (order == 0) {
      order = Long.compare(one.getReportedAt(), other.getReportedAt());
    }
    return order == 0 ? one.getSignalId().compareTo(other.getSignalId()) : order;
  }

  /** Gives the newer of two, growth measured from the lowest version of both. */
  private static Position merged(Position newer, Position older) {
    if (firstIsEarlier(older, newer)) {
      Position changed = Position.newBuilder(newer).build();
      changed.setFirstVersion(older.getFirstVersion());
      changed.setFirstCents(older.getFirstCents());
      return changed;
    }
    return newer;
  }

  private static boolean firstIsEarlier(Position one, Position other) {
    if (one.getFirstVersion() == null) {
      return false;
    }
    if (other.getFirstVersion() == null) {
      return true;
    }
    int order = Long.compare(one.getFirstVersion(), other.getFirstVersion());
    return order < 0 || order == 0 && one.getFirstCents() < other.getFirstCents();
  }
}
