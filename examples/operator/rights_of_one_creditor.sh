# Write down the rights of one creditor: its own topics, and to read the policy, which is public.
set -eu
export EROPAF_CREDITORS=rent,energy
eropaf acls print | grep 'creditor-rent'

# Prints:
# creditor-rent may READ GROUP creditor-rent-*
# creditor-rent may READ GROUP outbox-rent-*
# creditor-rent may READ TOPIC arrears.rent
# creditor-rent may WRITE TOPIC arrears.rent
# creditor-rent may WRITE TOPIC contacts.rent
# creditor-rent may READ TOPIC feedback.rent
# creditor-rent may READ TOPIC policy
# creditor-rent may READ TOPIC questions.rent
# creditor-rent may WRITE TRANSACTIONAL_ID outbox-rent-*
