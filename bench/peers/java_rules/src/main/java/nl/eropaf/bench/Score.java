package nl.eropaf.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nl.eropaf.Position;
import nl.eropaf.SignalKind;

/** What a household's arrears come to: the rules of risk/score.py. */
final class Score {
  long points;
  int open;
  int creditors;
  long behind;
  boolean threatening;
  Integer crisisOn;

  private final Policy policy;

  Score(List<Position> positions, List<Integer> months, int today, Policy policy) {
    this.policy = policy;
    boolean handover = false;
    Set<String> named = new HashSet<>();
    for (Position position : accepted(positions, today)) {
      open++;
      Policy.Partner partner = policy.partners.get(position.getPartnerType());
      long unpaid = monthsOf(position.getAmountCents(), position, partner);
      behind += unpaid;
      Integer on = position.getCrisisOn();
      boolean past = on != null && on < today;
      threatening |= position.getCrisis() && !past;
      handover |= position.getHandover();
      crisisOn = on != null && !past && (crisisOn == null || on < crisisOn) ? on : crisisOn;
      named.add(position.getCreditor());
      addArrears(position, partner, unpaid);
    }
    creditors = named.size();
    if (open > 0) {
      points += creditors > 1 ? policy.breadth * (creditors - 1) : 0;
      points += threatening ? policy.threatening : 0;
      points += handover ? policy.handover : 0;
      addPersistence(months);
      addNearness(today);
    }
  }

  /** Those for which help is to be offered: they count, and are not too little. */
  private List<Position> accepted(List<Position> positions, int today) {
    List<Position> standing = new ArrayList<>();
    long sum = 0;
    for (Position position : positions) {
      Policy.Partner partner = policy.partners.get(position.getPartnerType());
      boolean enough = position.getAmountCents() >= partner.minimumCents();
      if (Positions.counts(position, today, policy) && (enough || Positions.isExempt(position))) {
        standing.add(position);
        sum += position.getAmountCents();
      }
    }
    if (sum < policy.householdMinimumCents) {
      standing.removeIf(position -> !Positions.isExempt(position));
    }
    return standing;
  }

  private static long monthsOf(long cents, Position position, Policy.Partner partner) {
    Long bill = position.getMonthlyBillCents();
    return cents * Policy.HUNDREDTHS / (bill == null ? partner.usualBillCents() : bill);
  }

  private void addArrears(Position position, Policy.Partner partner, long unpaid) {
    if (position.getKind() == SignalKind.PLAN_BROKEN) {
      points += policy.planBroken;
    }
    boolean planned = position.getKind() == SignalKind.PLAN_AGREED;
    long share = planned ? policy.planAgreedPercent : Policy.HUNDREDTHS;
    long counted = Math.min(unpaid, policy.monthsCap);
    long gives = partner.pointsPerMonth() * counted * share / Policy.HUNDREDTHS;
    points += gives;
    Long first = position.getFirstCents();
    if (first != null && position.getAmountCents() > first) {
      long grown = monthsOf(position.getAmountCents() - first, position, partner);
      points += policy.growth * Math.min(grown, policy.monthsCap) * share / Policy.HUNDREDTHS;
    }
  }

  private void addPersistence(List<Integer> months) {
    if (months.size() < 2) {
      return;
    }
    int newest = months.get(months.size() - 1);
    for (int month : months) {
      if (newest - policy.lookBackMonths <= month && month < newest) {
        points += policy.persistence;
      }
    }
  }

  private void addNearness(int today) {
    if (crisisOn == null) {
      return;
    }
    int left = Math.max(0, crisisOn - today);
    for (Policy.Step step : policy.nearness) {
      if (left <= step.withinDays()) {
        points += step.points();
        return;
      }
    }
  }
}
